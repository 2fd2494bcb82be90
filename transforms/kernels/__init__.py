"""Compiled kernels on bytes and 64-bit words that are independent of log formats."""

from footfall.transforms.kernels.machine_code import set_cache_folder

set_cache_folder()
