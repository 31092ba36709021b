"""Where sounds come from: folders, packages by name, the drum machine."""
