"""From what the operator named to inputs that can be read: listed, examined, recognised, cut into pieces."""
