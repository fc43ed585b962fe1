"""Write what Sphinx reads. A file that would not change keeps its time, so that a second build is quick."""

written = set()


def write(path, content):
    """Write text or bytes to `path`, and make its folder, unless it is there already."""
    data = content if isinstance(content, bytes) else content.encode()
    written.add(path)
    if path.exists() and path.read_bytes() == data:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def drop_others(folder):
    """Delete the files of `folder` that were not written by this process: what an earlier build left there."""
    for path in folder.rglob("*"):
        if path.is_file() and path not in written:
            path.unlink()
