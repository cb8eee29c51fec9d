"""Rules of how much is done at once: against the connections of the database, and against the calls that Rev.io allows.

Decision 0192 has the arithmetic with today's numbers.
"""

import functools
import math
import re


def concurrency(subject):
    return subject.properties("ConsumerEvents")["ScalingConfig"]["MaximumConcurrency"]


def where_it_is_a_literal(rule):
    """Nothing can be counted with a reference, of which another rule tells."""

    @functools.wraps(rule)
    def counted(subject):
        return rule(subject) if isinstance(concurrency(subject), int) else ()

    return counted


def concurrency_is_a_literal(subject):
    if not isinstance(concurrency(subject), int):
        yield "ConsumerEvents.ScalingConfig.MaximumConcurrency must be a literal number: the local stand-in reads parameters as text"


@where_it_is_a_literal
def the_database_has_room(subject):
    """Each instance has a pool; one instance more than the batches may be sweeping."""
    instances, pool = concurrency(subject) + 1, subject.number("pool_size")
    room = subject.declared("ConsumerDatabaseConnections")
    if instances * pool > room:
        yield (f"the consumer may hold {instances} x {pool} = {instances * pool} connections, and "
               f"Metadata.DeviceAssociation.ConsumerDatabaseConnections is {room}: lower MaximumConcurrency, or say that the database takes them")


def a_batch_shares_the_pool(subject):
    """The messages of a batch take turns at the instance's connections; a statement that takes a second is a slow one."""
    batch, pool = subject.properties("ConsumerEvents")["BatchSize"], subject.number("pool_size")
    waits = math.ceil(batch / pool) - 1
    if waits >= subject.number("checkout_timeout"):
        yield (f"ConsumerEvents.BatchSize {batch} lets a message wait for {waits} others at a connection: with a second for each, "
               f"getting one fails after {subject.number('checkout_timeout')} s")


@where_it_is_a_literal
def slow_calls_do_not_cost_pace(subject):
    """Also when each call takes as long as it may, the instances together carry one account's whole budget."""
    per_minute = subject.parameters["RevCallsPerMinute"]["Default"]
    needed = math.ceil(per_minute / 60 * subject.number("call_timeout"))
    carried = concurrency(subject) * subject.number("calls_in_the_air")
    if carried < needed:
        yield (f"MaximumConcurrency carries {carried} calls in the air, and {per_minute} calls a minute of "
               f"{subject.number('call_timeout')} s each are {needed}: part of the budget would go unused")


@where_it_is_a_literal
def the_budget_feeds_every_message(subject):
    """Messages that are worked on at once find a call slot each within the time that slots are handed out ahead."""
    per_minute = subject.parameters["RevCallsPerMinute"]["Default"]
    slots = math.floor(per_minute / 60 * subject.number("horizon")) * subject.declared("RevAccountsAtWork")
    messages = concurrency(subject) * subject.properties("ConsumerEvents")["BatchSize"]
    if messages > slots:
        yield (f"{messages} messages are worked on at once, and {slots} call slots are handed out for the next {subject.number('horizon')} s: "
               "the others would be offered again for nothing. Lower MaximumConcurrency, or say in "
               "Metadata.DeviceAssociation.RevAccountsAtWork how many accounts share the work")


@where_it_is_a_literal
def a_reserve_is_no_brake(subject):
    """A reserve below what polls throttles the polling, which uses up the tries of messages."""
    lowest = concurrency(subject) + 2
    pattern = re.compile(subject.parameters["ConsumerReservedConcurrency"]["AllowedPattern"])
    if any(pattern.match(str(number)) for number in range(1, lowest)) or not pattern.match(str(lowest)):
        yield f"ConsumerReservedConcurrency must begin at {lowest}: the batches side by side, a sweep, and the sweep after it"


def the_intake_ends_before_the_gateway(subject):
    if subject.properties("Intake")["Timeout"] >= 30:
        yield "Intake.Timeout must be below 30 s, after which an HTTP API has given up"


RULES = [
    concurrency_is_a_literal, the_database_has_room, a_batch_shares_the_pool, slow_calls_do_not_cost_pace,
    the_budget_feeds_every_message, a_reserve_is_no_brake, the_intake_ends_before_the_gateway,
]
