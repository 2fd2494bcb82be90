"""What pipelines are made of: one module per step of the path, plain kernels and the transforms that wire them."""
