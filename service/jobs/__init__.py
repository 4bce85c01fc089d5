"""Long work, work for later, and notices: queued with the act, done by the worker in the server's process."""

from service.jobs.outbox import Notice, notices, notify
from service.jobs.queue import Job, enqueue, job, jobs_of, request_cancel
from service.jobs.register import duties, handlers
from service.jobs.worker import Duty, Handler, JobCancelled, JobContext, Progress, Worker

__all__ = [
    "Duty",
    "Handler",
    "Job",
    "JobCancelled",
    "JobContext",
    "Notice",
    "Progress",
    "Worker",
    "duties",
    "enqueue",
    "handlers",
    "job",
    "jobs_of",
    "notices",
    "notify",
    "request_cancel",
]
