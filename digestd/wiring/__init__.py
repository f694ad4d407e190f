"""Settings → ports: the only room that names concrete classes."""
