"""What the terminal is told: plain lines, the same on a screen and in a file."""
