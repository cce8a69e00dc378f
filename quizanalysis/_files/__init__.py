"""What goes out: cells that are safe to open, files that appear whole."""
