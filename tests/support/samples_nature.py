"""Made-up papers on seas, cells and figures. DOIs stand under 10.5555, a prefix for tests; PubMed ids are yet to come."""

from tests.support.samples_makers import arxiv, journal, preprint, pubmed

NATURE = (
    journal(
        "jqi.2026.0301",
        "Tidal Asymmetry in a Closed Fjord, Measured With Lanterns",
        "Solveig Ravnborg; Ada Quill; Bo Lindqvist",
        "Drifting lanterns, filmed from a cliff at 25 frames a second, give surface currents to 2 cm/s where radar "
        "sees nothing. In the closed fjord of Tideford the ebb lasts 41 minutes longer than the flood. The asymmetry "
        "follows the depth of the sill and not the wind, and it turned within one night when the sill was dredged.",
        name="Journal of Quiet Instruments",
    ),
    arxiv(
        1201,
        r"Tidal heating of exomoons: bounds of the form $\dot{E} \propto e^{2} n^{5}$ and where they break",
        "Doménica Ruiz; Haruka Tsukimori; S. Ravnborg",
        r"The heat that tides raise in a moon grows as $\dot{E} \propto \frac{21}{2}\frac{k_2}{Q}\frac{G M_p^2 R^5 n "
        r"e^2}{a^6}$, as long as the orbit is nearly round. For $e > 0.15$ we find $\dot{E}$ up to 3.4 times larger, "
        r"and for moons with an ocean up to $10^{2}$ times smaller. The bound $Q \leq 10^{3}$ that is used for rocky "
        r"moons does not hold for any body of mass below $4 \times 10^{-3} M_\oplus$. We give a table of 41 candidates "
        r"with $T_{\mathrm{eff}}$ between 90 K and 260 K, of which three lie in the habitable zone of their star "
        "(H$_2$O liquid at the surface, CO$_2$ below 0.1 bar).",
        "astro-ph.EP physics.geo-ph",
        journal="Mon. Not. Made-Up Astron. Soc. 541 (2026) 17",
        comment="18 pages, 9 figures, submitted to MNMAS; tables in machine-readable form",
    ),
    preprint(
        "2026.03.02.640001",
        "A chaperonin that waits for the tide: folding under daily changes of salt",
        r"Beatriz Callahan-Mori; N. Achterberg; Helen Oyelowo; Tae-yang Kim; {\'E}milie Fournier-Diallo; Jo{\~a}o "
        r"Brand{\~a}o; Ana Lima",
        "Estuarine bacteria see the salt of their water change fivefold twice a day. By cryo-EM at 2.6 Å we show that "
        "their chaperonin has a second, closed state that holds a client protein through low water, and that a single "
        "salt bridge (Asp-212–Lys-89) is the latch. Without it, cells fold as well as ever in the laboratory and die "
        "on the shore.",
        organization="Marine Station of Tideford",
        version=2,
    ),
    preprint(
        "2026.03.03.640417",
        "Inverse folding of binders for flexible targets, tested on 96 designs",
        r"N. Achterberg; Oluwaseun Bright; Katarzyna W\k{a}sik",
        "Inverse folding assumes a backbone. Targets that move have many. We design against ensembles and weigh each "
        "member by how much the binder would have to give up if it were missing. Of 96 designs, 31 bind with $K_d < "
        "100$ nM (against 9 for the best single backbone), and crystal structures of three agree to 1.1 Å.",
        organization="Institute of Examples",
    ),
    pubmed(
        99_000_101,
        "Evening light and the onset of sleep in shift workers: a randomised crossover trial of amber lanterns",
        "Adaeze Nwankwo; Fiona MacLeod; Tobias Brandt; Lin Wei; Santiago Vera; Aoife Byrne; Mateo Silva; Priya Nair; "
        "Olga Petrova; Yusuf Demir; Grace Kim; Henrik Dahl; Maria Rossi; Paul Ekong",
        "BACKGROUND: Shift workers who sleep by day are often lit like those who sleep at night. METHODS: We "
        "randomised 214 nurses to four weeks of amber light (1,800 K, 15 lx) or usual light in the last three hours of "
        "the shift, with crossover. RESULTS: Sleep began 21 minutes earlier (95% CI 14 to 28; P < 0.001); errors in a "
        "vigilance task did not differ. CONCLUSIONS: The colour of light at the end of a shift is a cheap lever. TRIAL "
        "REGISTRATION: MADEUP-0047.",
        journal="Annals of Sleep Examples",
    ),
    pubmed(
        99_000_102,
        "Correction: Lantern dermatitis in harbour pilots",
        "Ulrike Sand",
        "",
        journal="Case Reports in Imaginary Medicine",
    ),
    arxiv(
        1202,
        r"On a conjecture of Erd\H{o}s--R\'enyi type for lamplit graphs",
        r"L\'aszl\'o V\'arkonyi; {\L}ukasz Zi\k{e}ba; Ng\^o Minh Kh\^oi",
        r"A graph is \emph{lamplit} if every vertex sees, along some edge, a vertex of larger degree. We prove that "
        r"$G(n,p)$ is lamplit with high probability when $np/\log n \to \infty$, that it is not when $np \leq "
        r"(1-\varepsilon)\log n$, and that in between the number of dark vertices is asymptotically Poisson with mean "
        r"$\lambda = \sum_{k\ge 1} \frac{e^{-k\alpha}}{k!}$. This settles a question of V\'arkonyi (2019) for $\alpha "
        r"\in (0, 1/2]$; the case $\alpha > 1/2$ stays open. The proof is short and uses no regularity lemma.",
        "math.CO math.PR",
        comment="9 pages. Comments welcome!",
        version=4,
    ),
    arxiv(
        1203,
        r"First light of a spectrograph on a lighthouse: $R = 120\,000$ in the wind",
        r"Haruka Tsukimori; Ioana Dr\u{a}gulescu; Solveig Ravnborg; Emeka Obi",
        "We report first light of a fibre-fed spectrograph on top of a working lighthouse. The beam passes every 15 s "
        "and is cut out of the exposure by a shutter that follows the gearbox; dark noise is 0.9 e$^-$ per hour. "
        r"Radial velocities repeat to $38 \pm 4$ cm s$^{-1}$ over a storm of force 9.",
        "astro-ph.IM",
    ),
    arxiv(
        1204,
        "Sea level, storms and the price of doors: evidence from 1,204 harbour towns",
        "Wilhelmina van der Zee; Kwabena Osei-Tutu",
        r"We match insurance records of front doors with tide gauges. A metre of extra surge costs a door \$310 (in "
        r"2020 dollars), or $0.4\%$ of the house; the market had priced 95 to 120 of them. Towns that had read their "
        "own archives paid less.",
        "econ.GN physics.ao-ph",
        journal="Harbour Economics 7 (2026)",
    ),
    journal(
        "jqi.2026.0302",
        "Notes on the Thermal Drift of a Brass Barometer Kept in a Library for 140 Years",
        "O. Petrov",
        "The barometer drifts by 0.01 hPa a year. The library does not.",
        name="Journal of Quiet Instruments",
    ),
)
