"""Singular and plural as one: a key for an English word which its other number shares."""

import re

# Words that end in s and are no plural, or whose plural means something else (Mars is not mar).
_ENDS_ALIKE = """
news lens bias alias atlas canvas pancreas these always perhaps sometimes besides does trans chaos cosmos iris phys https
thus plus opus onus anus zeus nous crus basis oasis lysis
alps mars texas kansas vegas adams andrews daniels edwards jacobs johns peters phillips richards roberts stevens williams
cmos dbms sars
"""
_PAIRS = """
acini/acinus alveoli/alveolus anastomoses/anastomosis apices/apex atria/atrium bacilli/bacillus cilia/cilium ellipses/ellipse
emboli/embolus epithelia/epithelium extrema/extremum fistulae/fistula foramina/foramen glomeruli/glomerulus gyri/gyrus
hyphae/hypha
lumina/lumen ova/ovum phyla/phylum pupae/pupa septa/septum sera/serum streptococci/streptococcus sulci/sulcus
symbioses/symbiosis
thrombi/thrombus villi/villus
abscissae/abscissa algae/alga alumni/alumnus amoebae/amoeba antennae/antenna appendices/appendix automata/automaton axes/axis
bacteria/bacterium buses/bus cacti/cactus calculi/calculus calves/calf children/child consortia/consortium continua/continuum
corpora/corpus cortices/cortex criteria/criterion curricula/curriculum desiderata/desideratum dwarves/dwarf
enigmata/enigma equilibria/equilibrium errata/erratum feet/foot flagella/flagellum foci/focus formulae/formula fungi/fungus
ganglia/ganglion gases/gas genera/genus halves/half helices/helix indices/index infima/infimum knives/knife larvae/larva
leaves/leaf lives/life loci/locus matrices/matrix maxima/maximum men/man menisci/meniscus menus/menu mice/mouse
millennia/millennium minima/minimum mitochondria/mitochondrion moduli/modulus momenta/momentum nebulae/nebula novae/nova
nuclei/nucleus optima/optimum pendula/pendulum personae/persona phenomena/phenomenon plateaus/plateau presheaves/presheaf
quanta/quantum radii/radius relus/relu schemata/schema sheaves/sheaf shelves/shelf simplices/simplex spectra/spectrum
stimuli/stimulus strata/stratum supernovae/supernova suprema/supremum syllabi/syllabus symposia/symposium taxa/taxon
taxis/taxi teeth/tooth thesauri/thesaurus tori/torus vertebrae/vertebra vertices/vertex vortices/vortex wolves/wolf women/woman
antibiotics/antibiotic ceramics/ceramic characteristics/characteristic clinics/clinic comics/comic conics/conic critics/critic
dielectrics/dielectric epidemics/epidemic fabrics/fabric geodesics/geodesic harmonics/harmonic heuristics/heuristic
infographics/infographic logics/logic metrics/metric mimics/mimic mosaics/mosaic pandemics/pandemic plastics/plastic
quadrics/quadric rubrics/rubric tactics/tactic topics/topic
analgesics/analgesic diuretics/diuretic ferroelectrics/ferroelectric probiotics/probiotic therapeutics/therapeutic
thermoelectrics/thermoelectric
"""
_ENDINGS = "aes"  # of words that may change, but for the irregular
_UNCHANGED = frozenset(_ENDS_ALIKE.split())
_IRREGULAR = {plural: one for pair in _PAIRS.split() for plural, one in [pair.split("/")]}
_TAILS = ("bacteria", "children", "matrices", "novae", "spectra", "vertices")  # of compounds: submatrices, mycobacteria
_GREEK = re.compile(
    r"(?:lys|thes|gnos|stas|cris|emphas|genes|morphos|(?:cirrh|fibr|mei|mit|neur|psych|scler|sten|thromb)os)es\Z"
)
_KEEP_THEIR_E = {"canoes", "floes", "foes", "horseshoes", "oboes", "shoes", "snowshoes", "throes", "tiptoes"}


def singular(word: str) -> str:
    """Return a key that singular and plural of a folded *word* share; it need not be a word itself.

    >>> [singular(word) for word in ("studies", "study", "classes", "class", "sizes", "analyses", "semantics", "semantic")]
    ['study', 'study', 'class', 'class', 'siz', 'analysis', 'semantics', 'semantic']
    """
    if word.endswith(_TAILS):
        tail = next(filter(word.endswith, _TAILS))
        return word.removesuffix(tail) + _IRREGULAR[tail]
    word = _IRREGULAR.get(word, word)
    if len(word) < 4 or word[-1] not in _ENDINGS or word in _UNCHANGED:
        return word
    if word.endswith("hedra"):
        return f"{word[:-1]}on"
    if word.endswith("es") and _GREEK.search(word):
        return f"{word[:-2]}is"
    return _without_s(word) if _is_plural(word) else _without_e(word)


def _is_plural(word: str) -> bool:
    # A word in -ics is a science (semantics is not semantic), one in -us or -sis is Latin or Greek; short ones are GPUs, ASICs.
    latin = word.endswith("us") and len(word) > 4
    return word.endswith("s") and not (latin or word.endswith("ss") or (len(word) > 5 and word.endswith(("sis", "xis", "ics"))))


def _without_s(word: str) -> str:
    if word.endswith("oes") and len(word) > 4 and word not in _KEEP_THEIR_E:
        return word[:-2]
    return _without_e(word[:-1])


def _without_e(word: str) -> str:
    """Return *word* without the e that a plural may have put in: virus(e)s, box(e)s, and hence caus(e), siz(e)."""
    if word.endswith("ie") and len(word) > 4:
        return word[:-2] + "y"
    if word.endswith(("xe", "ze")) or (len(word) > 4 and word.endswith(("se", "che", "she")) and not word.endswith("sise")):
        return word[:-1]
    return word
