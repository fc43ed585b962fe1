"""Send the cells of an experiment to a Dask cluster that is running already."""

from fa_lessons.experiments.grid import ResultsError, prepare, run_cell, tell, tidy
from fa_lessons.progress import progress_bar


def run_on_cluster(experiment, cells, results, address, device="cpu", again=False, timeout=30):
    """Run `cells` on the workers of the Dask scheduler at `address`; return their results in order.

    The folder `results` must be the same on all machines. The cell of a worker that dies goes on elsewhere, from its
    checkpoint; a cell that is finished there is read, not run. A cell that fails does not stop the others. On GPUs a
    worker must have one thread: a process can record one CUDA graph at a time.
    Raises ResultsError where the package is missing, the scheduler does not answer within `timeout` seconds, workers
    died of one cell again and again, or as `grid.finished` does.
    """
    try:
        from distributed import Client, as_completed
        from distributed.scheduler import KilledWorker
    except ImportError:
        raise ResultsError("a cluster needs the package distributed: pip install 'fa-lessons[cluster]'") from None
    folder = experiment.folder(results)
    try:
        client = Client(address, timeout=timeout, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ResultsError(f"no Dask scheduler at {address!r}: {error}") from None
    with client, progress_bar(len(cells), experiment.name, "cell") as bar:
        prepare(cells, folder, again)
        # One key for one file: what two users ask of one scheduler is computed once.
        futures = [
            client.submit(run_cell, experiment, cell, folder, device, False, key=f"{folder}/{cell.name}", pure=False)
            for cell in cells
        ]
        for future in as_completed(futures, loop=client.loop):
            if future.status == "finished":
                tell(bar, future.result())
        for cell, future in zip(cells, futures, strict=True):
            if isinstance(future.exception(), KilledWorker):
                raise ResultsError(f"{cell.name} was given up, since every worker that ran it died")
        found = [future.result() for future in futures]
    tidy(cells, folder)
    return found
