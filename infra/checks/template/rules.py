"""Every rule, by name: a function that yields a complaint for each place where the template breaks it."""

import alarms
import concurrency
import environments
import forms
import kept
import metrics
import queues
import rights
import routes
import secrets_in_the_open

RULES = {
    rule.__name__: rule
    for module in (queues, concurrency, alarms, metrics, rights, routes, secrets_in_the_open, kept, forms, environments)
    for rule in module.RULES
}


def complaints(subject):
    """The name of the rule, and what it says, of each breach; a rule that stumbles over a template has not found it right."""
    said = []
    for name, rule in RULES.items():
        try:
            said += [(name, complaint) for complaint in rule(subject)]
        except (KeyError, IndexError, TypeError, AttributeError) as error:
            said.append((name, f"cannot be judged, because something is missing or has another form than the rule knows: {error!r}"))
    return said
