"""Compiled building blocks on bytes and words that know nothing of logs."""

from footfall.transforms.kernels.machine_code import keep_machine_code

keep_machine_code()
