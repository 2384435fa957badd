"""The pages, a file each: what each asks, and how the answers are shown."""
