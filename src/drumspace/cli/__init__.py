"""The `drumspace` command. May import every package; nothing imports it."""
