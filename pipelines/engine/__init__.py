"""How a run is executed: Beam's engine, the process, and the temporary folders."""
