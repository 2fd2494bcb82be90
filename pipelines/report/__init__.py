"""The report: the figures of a published file, and one self-contained page of HTML that shows them."""
