"""Processes forked from one that has imported torch: to import it anew takes each of them seconds."""

from multiprocessing import get_context

from torch import multiprocessing

IMPORTED = ["pytest", "torch._dynamo", "torch.distributed"]


def forking():
    """Return the context of processes that begin with torch imported."""
    context = get_context("forkserver")
    context.set_forkserver_preload(IMPORTED)
    return context


def run_in_processes(function, count, *arguments):
    """Run a function, of the number of the process and these arguments, in several processes; raise what it raises."""
    forking()
    multiprocessing.start_processes(function, arguments, count, start_method="forkserver")
