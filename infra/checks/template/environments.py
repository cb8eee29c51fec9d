"""Rules of samconfig.toml, which holds what each environment is deployed with."""

import functools
import re

import tomlkit

from secrets_in_the_open import LOOKS_LIKE_ONE

CONFIGURATION = "samconfig.toml"
# What somebody must say first; the template's own checks refuse it.
OPEN = "FILL-IN"


def given_in(settings):
    """The template's parameters. What was answered is kept in another file (infra/deploy/answers.py)."""
    return dict(settings.get("parameter_overrides", {}))


@functools.cache
def read(text):
    """Kept, because every broken template is asked again."""
    return tomlkit.parse(text).unwrap()


def environments(subject):
    """Each environment by name, with its settings and its parameters."""
    for name, commands in read(subject.text(CONFIGURATION)).items():
        if isinstance(commands, dict) and "deploy" in commands:
            settings = commands["deploy"]["parameters"]
            yield name, settings, given_in(settings)


def values_are_what_the_template_takes(subject):
    """What is open is refused by the template, so that nobody deploys it by mistake; what is given is taken."""
    for environment, _, given in environments(subject):
        for name, value in given.items():
            parameter = subject.parameters.get(name)
            if parameter is None:
                yield f"{CONFIGURATION}, {environment}: {name} is no parameter of the template"
                continue
            pattern, allowed = parameter.get("AllowedPattern", ""), parameter.get("AllowedValues")
            taken = re.match(pattern, value) is not None and (allowed is None or value in map(str, allowed))
            if taken == value.startswith(OPEN):
                yield f"{CONFIGURATION}, {environment}: the template {'takes' if taken else 'refuses'} {name} = {value}"
        for name, parameter in subject.parameters.items():
            if "Default" not in parameter and name not in given:
                yield f"{CONFIGURATION}, {environment}: {name} must stand there, because the template has no default for it"


def environments_stand_side_by_side(subject):
    for member in ("stack_name", "IntakeFunctionName", "ConsumerFunctionName", "QueueName"):
        values = [settings.get(member) or given.get(member) for _, settings, given in environments(subject)]
        if len(set(values)) != len(values):
            yield f"{CONFIGURATION}: {member} must differ from environment to environment"


def production_asks_before_it_changes(subject):
    for environment, settings, _ in environments(subject):
        if environment != "dev" and settings.get("confirm_changeset") is not True:
            yield f"{CONFIGURATION}: confirm_changeset of {environment} must be true"


def configuration_holds_no_secret(subject):
    text = subject.text(CONFIGURATION)
    for kind, pattern in LOOKS_LIKE_ONE.items():
        if pattern.search(text):
            yield f"{CONFIGURATION} has what looks like {kind}"


RULES = [
    values_are_what_the_template_takes, environments_stand_side_by_side, production_asks_before_it_changes, configuration_holds_no_secret,
]
