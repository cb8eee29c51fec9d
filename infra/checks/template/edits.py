"""Edits that make a broken template of a whole one. Each refuses to be made where it would change nothing."""

import tomlkit

from environments import CONFIGURATION, given_in


class DoesNotApply(Exception):
    """What an edit expects is not there."""


def holder(subject, path):
    """The part of the template that holds the last step of a path of names and places in lists."""
    part = subject.template
    for step in path[:-1]:
        try:
            part = part[step]
        except (KeyError, IndexError, TypeError):
            raise DoesNotApply(f"{'.'.join(map(str, path))} is not there") from None
    return part


def has(part, step):
    return step in part if isinstance(part, dict) else isinstance(part, list) and isinstance(step, int) and step < len(part)


def change(*path, to):
    """Gives what is there another value, or the value that `to` makes of it."""

    def edit(subject):
        part = holder(subject, path)
        if not has(part, path[-1]):
            raise DoesNotApply(f"{'.'.join(map(str, path))} is not there")
        value = to(part[path[-1]]) if callable(to) else to
        if part[path[-1]] == value:
            raise DoesNotApply(f"{'.'.join(map(str, path))} has this value already")
        part[path[-1]] = value

    return edit


def remove(*path):
    def edit(subject):
        part = holder(subject, path)
        if not has(part, path[-1]):
            raise DoesNotApply(f"{'.'.join(map(str, path))} is not there")
        del part[path[-1]]

    return edit


def add(*path, value):
    def edit(subject):
        part = holder(subject, path)
        if has(part, path[-1]):
            raise DoesNotApply(f"{'.'.join(map(str, path))} is there already")
        part[path[-1]] = value

    return edit


def replace(old, new):
    """For `change`: another text in place of one that stands there once."""

    def of(text):
        if text.count(old) != 1:
            raise DoesNotApply(f"`{old}` stands there {text.count(old)} times, not once")
        return text.replace(old, new)

    return of


def in_text(path, old, new):
    """Another text in a file of this repository beside the template."""

    def edit(subject):
        subject.texts[path] = replace(old, new)(subject.text(path))

    return edit


def in_environment(environment, settings=None, **parameters):
    """Other settings and parameters of an environment of samconfig.toml; None takes a parameter away, if it is there."""

    def edit(subject):
        configuration = tomlkit.parse(subject.text(CONFIGURATION))
        deploy = configuration[environment]["deploy"]["parameters"]
        deploy.update(settings or {})
        given = {**given_in(deploy.unwrap()), **parameters}
        deploy["parameter_overrides"] = {name: value for name, value in given.items() if value is not None}
        subject.texts[CONFIGURATION] = tomlkit.dumps(configuration)

    return edit


def together(*edits):
    def edit(subject):
        for one in edits:
            one(subject)

    return edit
