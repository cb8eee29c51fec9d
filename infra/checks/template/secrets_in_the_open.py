"""Rules that keep secrets out of environment values and parameters, where everybody who may look at a stack reads them."""

import re

from subject import strings

NAME_OF_A_SECRET = re.compile(r"SECRET|PASSWORD|PASSWD|PWD|CREDENTIAL|KEY|PRIVATE|PASSPHRASE|_PASS$|_TOKEN$", re.IGNORECASE)
DYNAMIC = "{{resolve:"
LOOKS_LIKE_ONE = {
    "a password in a connection string": re.compile(r"(password|pwd)\s*=\s*[^;\s]", re.IGNORECASE),
    "a login in an address": re.compile(r"://[^/\s:@]+:[^/\s@]+@"),
    "an access key of AWS": re.compile(r"\b(AKIA|ASIA)[A-Z0-9]{16}\b"),
    "a secret key": re.compile(r"(?<![A-Za-z0-9/+=:])(?=[A-Za-z0-9/+]*[0-9])(?=[A-Za-z0-9/+]*[A-Z])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])"),
    "a signed token": re.compile(r"\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+"),
    "a private key": re.compile(r"-----BEGIN"),
}
WITHOUT_LOGIN = "Server=tcp:host,1433;Database=AltaworxCentral;Encrypt=true"
WITH_LOGIN = [f"{WITHOUT_LOGIN};{member}" for member in ("Password=x", "PWD = x", "User Id=x", "uid=x", "User=x", "username=x")]


def variables(subject):
    """Where, name and value of each variable, those that Globals gives to every function included."""
    for name, value in subject.template.get("Globals", {}).get("Function", {}).get("Environment", {}).get("Variables", {}).items():
        yield f"Globals.Function.{name}", name, value
    for function, properties in subject.functions():
        for name, value in properties.get("Environment", {}).get("Variables", {}).items():
            yield f"{function}.{name}", name, value


def is_arn_of_a_secret(subject, value):
    """A reference to a parameter that takes nothing but the ARN of a secret, on a condition or not."""
    if isinstance(value, dict) and "Fn::If" in value:
        return all(branch == {"Ref": "AWS::NoValue"} or is_arn_of_a_secret(subject, branch) for branch in value["Fn::If"][1:])
    parameter = subject.parameters.get(value.get("Ref"), {}) if isinstance(value, dict) else {}
    pattern = re.compile(parameter.get("AllowedPattern", "(?!)"))
    return (pattern.match("arn:aws:secretsmanager:us-east-1:123456789012:secret:some-name-AbCdEf") is not None
            and pattern.match("hunter2") is None)


def secrets_go_by_arn(subject):
    for where, name, value in variables(subject):
        if NAME_OF_A_SECRET.search(name) and not is_arn_of_a_secret(subject, value):
            yield f"{where} must be the ARN of a secret, by a parameter that takes nothing else"


def no_value_looks_like_a_secret(subject):
    values = [(where, text) for where, _, value in variables(subject) for text in strings(value)]
    values += [(name, str(parameter["Default"])) for name, parameter in subject.parameters.items() if "Default" in parameter]
    for where, text in values:
        for kind, pattern in LOOKS_LIKE_ONE.items():
            if pattern.search(text):
                yield f"{where} has what looks like {kind}"


def nothing_is_resolved_into_the_environment(subject):
    """A dynamic reference puts the secret itself into the function's settings, and a rotation does not reach it."""
    for where, _, value in variables(subject):
        if any(DYNAMIC in text for text in strings(value)):
            yield f"{where} must not use {DYNAMIC}…: the secret itself would stand in the function's settings"


def the_connection_string_takes_no_login(subject):
    pattern = re.compile(subject.parameters["CentralConnectionString"].get("AllowedPattern", ""))
    if not pattern.match(WITHOUT_LOGIN):
        yield "CentralConnectionString.AllowedPattern must take a connection string without a login"
    for text in WITH_LOGIN:
        if pattern.match(text):
            yield f"CentralConnectionString.AllowedPattern must refuse a login, and takes {text.removeprefix(WITHOUT_LOGIN)}"
            return


RULES = [
    secrets_go_by_arn, no_value_looks_like_a_secret, nothing_is_resolved_into_the_environment, the_connection_string_takes_no_login,
]
