"""The report: what a published file tells, as figures, and as one page of HTML that needs nothing else."""
