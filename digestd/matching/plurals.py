"""Singular and plural as one: a key for an English word which its other number shares."""

_ENDS_ALIKE = {"news", "lens", "bias", "alias", "atlas", "canvas", "pancreas", "these", "always", "perhaps"}
_PAIRS = """
algae/alga alumni/alumnus appendices/appendix automata/automaton axes/axis bacteria/bacterium buses/bus children/child
corpora/corpus cortices/cortex cpus/cpu criteria/criterion feet/foot foci/focus formulae/formula fungi/fungus gases/gas
genera/genus gpus/gpu halves/half helices/helix imus/imu indices/index knives/knife larvae/larva leaves/leaf loci/locus
matrices/matrix maxima/maximum men/man menus/menu mice/mouse minima/minimum npus/npu nuclei/nucleus optima/optimum
phenomena/phenomenon quanta/quantum radii/radius simplices/simplex spectra/spectrum stimuli/stimulus teeth/tooth tpus/tpu
vertices/vertex vortices/vortex wolves/wolf women/woman
antibiotics/antibiotic characteristics/characteristic clinics/clinic critics/critic fabrics/fabric heuristics/heuristic
metrics/metric topics/topic
"""
_IRREGULAR = {plural: one for pair in _PAIRS.split() for plural, one in [pair.split("/")]}


def singular(word: str) -> str:
    """Return a key that singular and plural of a folded *word* share; it need not be a word itself.

    >>> [singular(word) for word in ("studies", "study", "classes", "class", "analyses", "analysis", "semantics", "semantic")]
    ['study', 'study', 'class', 'class', 'analys', 'analys', 'semantics', 'semantic']
    """
    word = _IRREGULAR.get(word, word)
    if len(word) < 4 or word in _ENDS_ALIKE:
        return word
    return _without_e(word[:-1] if _is_plural(word) else word)


def _is_plural(word: str) -> bool:
    # A word in -ics is a science (semantics is not semantic), one in -us or -sis is Latin or Greek.
    return word.endswith("s") and not word.endswith(("ss", "us", "sis", "xis", "ics"))


def _without_e(word: str) -> str:
    """Return *word* without the e that a plural may have put in: virus(e)s, box(e)s, and hence caus(e), siz(e)."""
    if word.endswith("sis") and len(word) > 5:
        return word[:-2]
    if word.endswith("ie") and len(word) > 4:
        return word[:-2] + "y"
    if word.endswith(("xe", "ze")) or (len(word) > 4 and word.endswith(("se", "che", "she", "oe"))):
        return word[:-1]
    return word
