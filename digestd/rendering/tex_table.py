"""What TeX's names stand for."""

import unicodedata


def _pairs(text: str) -> dict[str, str]:
    words = text.split()
    return dict(zip(words[::2], words[1::2], strict=True))


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


LETTERS = _pairs(
    r"""
    ss ß SS ẞ o ø O Ø l ł L Ł ae æ AE Æ oe œ OE Œ aa å AA Å i ı j ȷ dh ð DH Ð th þ TH Þ dj đ DJ Đ ng ŋ NG Ŋ
    """
)
MARKS = {
    "'": "\u0301",
    "`": "\u0300",
    "^": "\u0302",
    '"': "\u0308",
    "~": "\u0303",
    "=": "\u0304",
    ".": "\u0307",
    "H": "\u030b",
    "c": "\u0327",
    "v": "\u030c",
    "u": "\u0306",
    "d": "\u0323",
    "b": "\u0331",
    "k": "\u0328",
    "r": "\u030a",
}
SIGNS = _pairs(
    r"""
    dots … ldots … textellipsis … textendash – textemdash — textasciitilde ~ textasciicircum ^ textbackslash \ textunderscore _
    textbar | textless < textgreater > textbullet • item • S § P ¶ copyright © textcopyright © textregistered ® texttrademark ™
    pounds £ textsterling £ euro € texteuro € textyen ¥ eg e.g. ie i.e. deg ° textdegree ° degree ° textmu µ textpm ±
    texttimes × textpertenthousand ‱ textperthousand ‰ textquoteleft ‘ textquoteright ’ textquotedblleft “ textquotedblright ”
    textquotesingle ' guillemotleft « guillemotright » guillemetleft « guillemetright » guilsinglleft ‹ guilsinglright ›
    quotedblbase „ lq ‘ rq ’
    TeX TeX LaTeX LaTeX
    """
)
SYMBOLS = _pairs(
    r"""
    alpha α beta β gamma γ delta δ epsilon ε varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ varkappa ϰ lambda λ
    mu μ nu ν xi ξ omicron ο pi π varpi ϖ rho ρ varrho ϱ sigma σ varsigma ς tau τ upsilon υ phi φ varphi φ chi χ psi ψ omega ω
    digamma ϝ Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω varGamma Γ varDelta Δ varTheta Θ
    varLambda Λ varXi Ξ varPi Π varSigma Σ varPhi Φ varPsi Ψ varOmega Ω infty ∞ partial ∂ nabla ∇ forall ∀ exists ∃ nexists ∄
    neg ¬ lnot ¬ emptyset ∅ varnothing ∅ ell ℓ hbar ℏ hslash ℏ imath ı jmath ȷ wp ℘ Re ℜ Im ℑ aleph ℵ beth ℶ sum ∑ prod ∏
    coprod ∐ int ∫ iint ∬ iiint ∭ oint ∮ ldots … dots … dotsc … dotsb … cdots … vdots ⋮ ddots ⋱ langle ⟨ rangle ⟩ lfloor ⌊
    rfloor ⌋ lceil ⌈ rceil ⌉ Vert ‖ lVert ‖ rVert ‖ vert | lvert | rvert | prime ′ dagger † ddagger ‡ top ⊤ bot ⊥ degree °
    angle ∠ triangle △ square □ Box □ lozenge ◊ diamond ⋄ blacksquare ■ star ⋆ ast ∗ bullet • circ ∘ lbrace { rbrace } lbrack [
    rbrack ] colon : backslash \ checkmark ✓ bigotimes ⨂ bigoplus ⨁ bigcup ⋃ bigcap ⋂ bigsqcup ⨆ bigvee ⋁ bigwedge ⋀ sharp ♯
    flat ♭ natural ♮ surd √ complement ∁ Bbbk 𝕜
    """
)
SPACED = _pairs(
    r"""
    le ≤ leq ≤ leqslant ≤ leqq ≦ ge ≥ geq ≥ geqslant ≥ geqq ≧ ne ≠ neq ≠ ll ≪ gg ≫ lesssim ≲ gtrsim ≳ approx ≈ sim ∼ simeq ≃
    cong ≅ equiv ≡ propto ∝ doteq ≐ in ∈ notin ∉ ni ∋ subset ⊂ subseteq ⊆ subsetneq ⊊ supset ⊃ supseteq ⊇ supsetneq ⊋ Subset ⋐
    sqsubseteq ⊑ sqsupseteq ⊒ to → rightarrow → longrightarrow → xrightarrow → leftarrow ← gets ← longleftarrow ← xleftarrow ←
    leftrightarrow ↔ longleftrightarrow ↔ Rightarrow ⇒ Longrightarrow ⇒ Leftarrow ⇐ Leftrightarrow ⇔ Longleftrightarrow ⇔
    implies ⇒ impliedby ⇐ iff ⇔ mapsto ↦ longmapsto ↦ hookrightarrow ↪ twoheadrightarrow ↠ rightsquigarrow ⇝ leadsto ⇝
    rightharpoonup ⇀ rightleftharpoons ⇌ nearrow ↗ searrow ↘ uparrow ↑ downarrow ↓ updownarrow ↕ mid ∣ nmid ∤ parallel ∥
    nparallel ∦ perp ⊥ times × cdot · pm ± mp ∓ div ÷ cup ∪ cap ∩ sqcup ⊔ sqcap ⊓ uplus ⊎ setminus ∖ smallsetminus ∖ oplus ⊕
    ominus ⊖ otimes ⊗ odot ⊙ oslash ⊘ wedge ∧ land ∧ vee ∨ lor ∨ prec ≺ succ ≻ preceq ⪯ succeq ⪰ preccurlyeq ≼ succcurlyeq ≽
    asymp ≍ vdash ⊢ dashv ⊣ vDash ⊨ models ⊨ coloneqq ≔ coloneq ≔ triangleq ≜ rtimes ⋊ ltimes ⋉ bowtie ⋈ wr ≀ amalg ⨿
    unlhd ⊴ lhd ⊲ trianglelefteq ⊴ triangleleft ◁ therefore ∴ because ∵
    """
)
NO_FACTORS = _set("rangle rfloor rceil rvert rVert vert Vert ldots dots cdots rbrace rbrack sum prod int")
WORDS = _set(
    """
    log ln lg exp sin cos tan cot sec csc sinh cosh tanh coth arcsin arccos arctan max min sup inf lim limsup liminf argmax
    argmin det dim ker deg gcd lcm arg Pr mod bmod hom tr rank sgn
    """
)
PROSE_FONTS = _set(
    """
    emph text textbf textit texttt textsc textrm textsf textsl textup textmd textnormal textgreek underline uline uwave sout
    mbox hbox fbox bf it tt sc sf sl em
    """
)
FONTS = _set(
    """
    mathcal mathbf mathit mathsf mathtt mathfrak mathscr mathnormal boldsymbol bm pmb underline text textbf textit textrm textsf
    texttt textsc textup mathrm operatorname mathop mathrel mathbin mathord mbox hbox fbox emph ensuremath underbrace overbrace
    substack mathds mathbbm frak eucal
    """
)
SWITCHES = _set(
    """
    bf it em tt sc rm sf sl cal bfseries itshape scshape ttfamily sffamily rmfamily mdseries upshape normalfont tiny scriptsize
    footnotesize small normalsize large Large LARGE huge Huge centering noindent protect boldmath
    """
)
DROPPED = SWITCHES | _set(
    """
    left right big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr bigm Bigm middle limits nolimits displaystyle
    textstyle scriptstyle scriptscriptstyle mit
    """
)
ACCENTS = {
    "hat": "\u0302",
    "widehat": "\u0302",
    "check": "\u030c",
    "bar": "\u0304",
    "overline": "\u0304",
    "tilde": "\u0303",
    "widetilde": "\u0303",
    "vec": "\u20d7",
    "dot": "\u0307",
    "ddot": "\u0308",
    "acute": "\u0301",
    "grave": "\u0300",
    "breve": "\u0306",
    "mathring": "\u030a",
}
SPACES = {
    **dict.fromkeys((",", ";", ":", " ", ">", "quad", "qquad", "space", "thinspace", "enspace"), " "),
    **dict.fromkeys(("!", "/", "-", "@", "xspace", "negthinspace", "allowbreak", "nobreak"), ""),
}
WITH_ARGUMENTS = _set("frac tfrac dfrac sqrt binom mathbb Bbb unicode") | (FONTS - PROSE_FONTS) | frozenset(ACCENTS)


def accented(letter: str, mark: str) -> str:
    return unicodedata.normalize("NFC", letter + mark)
