"""The nightly job on Flink: in one process, and on a cluster of two TaskManagers that the tests start."""
