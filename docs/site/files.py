"""Write what Sphinx reads; a file that would not change keeps its time, so that a second build is quick."""


def write(path, content):
    """Write text or bytes to `path`, and make its folder, unless it is there already."""
    data = content if isinstance(content, bytes) else content.encode()
    if path.exists() and path.read_bytes() == data:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
