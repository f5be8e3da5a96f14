"""Components inside the bridge's own process: several of them share one interpreter, on the process's main thread."""
