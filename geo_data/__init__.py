"""Where an address is: the location database, how it is opened, looked up and rebuilt."""
