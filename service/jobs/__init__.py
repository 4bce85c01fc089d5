"""Long work, work for later, and notices: queued with the act, done by the worker in the server's process.

What the worker can do is registered in `service.jobs.handlers`, which knows the actions; they know only the queue.
"""

from service.jobs.outbox import notify, told_of
from service.jobs.queue import Job, enqueue, job, jobs_of, newest_job, request_cancel
from service.jobs.worker import Duty, Handler, JobCancelled, JobContext, Progress, Worker

__all__ = [
    "Duty",
    "Handler",
    "Job",
    "JobCancelled",
    "JobContext",
    "Progress",
    "Worker",
    "enqueue",
    "job",
    "jobs_of",
    "newest_job",
    "notify",
    "request_cancel",
    "told_of",
]
