"""Worker profiles: markdown files with front matter, read by `core.worker_profile`."""
