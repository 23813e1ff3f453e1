"""The models: those trained, the one in place, those before it, and the registry of all."""
