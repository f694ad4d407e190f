"""Names of categories and sources, which are wholes with parts: cs is all of cs.LG, arxiv all of arxiv:cs.LG."""


def is_category(wanted: str, label: str) -> bool:
    return _is(wanted, label, ".")


def is_source(wanted: str, label: str) -> bool:
    return _is(wanted, label, ":")


def _is(wanted: str, label: str, joint: str) -> bool:
    """Tell whether *label* is *wanted* or a part of it; a * stands for any ending, and case does not count."""
    wanted, label = wanted.strip('" ').casefold(), label.casefold()
    if wanted.endswith("*") and not wanted.endswith(f"{joint}*"):
        return label.startswith(wanted[:-1])
    whole = wanted.removesuffix("*").removesuffix(joint)
    return label == whole or label.startswith(f"{whole}{joint}")
