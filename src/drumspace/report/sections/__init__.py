"""The report's sections: <name>.py gives what <name>.html.jinja shows."""
