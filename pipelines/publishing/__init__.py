"""From merged tables to the published file: loaded, folded, merged with earlier days, checked, renamed into place."""
