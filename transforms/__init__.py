"""The parts of pipelines: one module per step, with plain kernels and the Beam transforms that connect them."""
