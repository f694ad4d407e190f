import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestd.rendering.tex import convert, runs

ACCENTS = [
    (r"R\'enyi", "Rényi"),
    (r"R\'{e}nyi", "Rényi"),
    (r"R{\'e}nyi", "Rényi"),
    (r"G\"{o}del", "Gödel"),
    (r"G\"odel", "Gödel"),
    (r"Erd\H{o}s", "Erdős"),
    (r"Fran\c cais", "Français"),
    (r"Gar\c{c}on", "Garçon"),
    (r"\v{S}est\'ak", "Šesták"),
    (r"na\"{\i}ve", "naïve"),
    (r"na\"\i ve", "naïve"),
    (r"Pe\~na", "Peña"),
    (r"H\^opital", "Hôpital"),
    (r"Cr\`eme", "Crème"),
    (r"\AA ngstr\"om", "Ångström"),
    (r"S\o ren", "Søren"),
    (r"{\O}ystein", "Øystein"),
    (r"stra{\ss}e", "straße"),
    (r"stra\ss e", "straße"),
    (r"\L{}\'od\'z", "Łódź"),
    (r"\.Zurek", "Żurek"),
    (r"Bras\u{\i}l", "Brasĭl"),
]
PROSE = [
    (r"\emph{sparse} attention", "sparse attention"),
    (r"\textbf{very \textit{deep}} nets", "very deep nets"),
    (r"{\em sparse} attention", "sparse attention"),
    (r"\texttt{pip} and \url{https://example.org/~ada}", "pip and https://example.org/~ada"),
    (r"``quoted'' text", "“quoted” text"),
    (r"pages 3--5", "pages 3–5"),
    (r"one---two", "one—two"),
    (r"one --- two", "one — two"),
    (r"Fig.~3 of Knuth~et al.", "Fig.\u00a03 of Knuth\u00a0et al."),
    (r"50\% of \$5 \& \#1 in a\_b", "50% of $5 & #1 in a_b"),
    (r"et al.\ 2020", "et al. 2020"),
    (r"40{,}000 tokens", "40,000 tokens"),
    (r"{BERT} and {GPT-2}", "BERT and GPT-2"),
    (r"\alpha-stable", "α-stable"),
    (r"see \href{https://example.org}{our page}", "see our page (https://example.org)"),
    (r"tasks, \eg, sorting", "tasks, e.g., sorting"),
    (r"\sim 50\%", "∼ 50%"),
    (r"10^{-3} seconds", "10⁻³ seconds"),
]
MATHS = [
    (r"$O(n\log n)$", "O(n log n)"),
    (r"$n^2\log n$", "n² log n"),
    (r"$\log_2 n$", "log₂ n"),
    (r"$\log\log n$", "log log n"),
    (r"$\sqrt{s}=13$ TeV", "√s = 13 TeV"),
    (r"$\sqrt{x+1}$", "√(x+1)"),
    (r"$\sqrt[3]{x}$", "³√x"),
    (r"$\mathcal{X}\to\mathbb{R}^d$", "X → ℝᵈ"),
    (r"$x_{i,j}^2$", "x_(i,j)²"),
    (r"$x_i$ and $x^{n+1}$", "xᵢ and xⁿ⁺¹"),
    (r"$x^q$", "x^q"),
    (r"$p_{\text{data}}$", "p_(data)"),
    (r"$\frac{a+b}{c}$", "(a+b)/c"),
    (r"$\frac12$", "1/2"),
    (r"$\alpha\le\beta$", "α ≤ β"),
    (r"$a\ge b$", "a ≥ b"),
    (r"$3\times 4$", "3 × 4"),
    (r"$10\times$ faster", "10× faster"),
    (r"$\sim$10%", "∼10%"),
    (r"$x\in\infty$", "x ∈ ∞"),
    (r"$a\cdot b\approx c$", "a · b ≈ c"),
    (r"$-1 \le x$", "−1 ≤ x"),
    (r"$\hat{x}$ and $\bar y$", "x̂ and ȳ"),
    (r"$\left(\frac{1}{n}\right)^2$", "(1/n)²"),
    (r"$\{x : x > 0\}$", "{x : x > 0}"),
    (r"$\lVert x \rVert_2$", "‖x‖₂"),
    (r"$\sum_{i=1}^n x_i$", "∑ᵢ₌₁ⁿ xᵢ"),
    (r"$f'(x)$", "f′(x)"),
    (r"$90^\circ$", "90°"),
    (r"$A^\top A$", "AᵀA"),
    (r"$\mathrm{Tr}\,A$", "Tr A"),
    (r"$ c_0 $ spaces", "c₀ spaces"),
    (r"\(x^2\) and \[y_1\]", "x² and y₁"),
    (r"$$E=mc^2$$", "E = mc²"),
    (r"$\softplus{x}$", r"\softplus{x}"),
]
AS_WRITTEN = [
    "$5 to $10",
    "from $5, and (US$) 10 more",
    "costs $100 or $ 200",
    "between $ 5 and 6 $ a piece",
    r"C:\temp\new",
    r"min-\p sampling",
    r"\cite{knuth}",
    "digestd --verbose <-- -->",
    "{a, b} and f{x}",
    "snake_case foo^bar",
    "f''(x)",
    "https://example.org/~ada",
    "$HOME",
    r"$\begin{matrix}a\\b\end{matrix}$",
    r"\emph{never closed",
    "50% of R&D #1",
]


@pytest.mark.parametrize(("source", "text"), ACCENTS + PROSE + MATHS)
def test_simple_tex_reads_as_unicode(source: str, text: str) -> None:
    assert convert(source) == text


@pytest.mark.parametrize("source", AS_WRITTEN)
def test_what_is_not_simple_tex_stays_as_written(source: str) -> None:
    assert convert(source) == source


@given(st.text(alphabet=st.sampled_from("ab1 \\${}^_~'\"`-.,()[]|&%=\n\0éαcHvemphsqrtfrac")) | st.text())
def test_runs_tile_any_text(source: str) -> None:
    found = list(runs(source))

    assert "".join(source[run.start : run.end] for run in found) == source
    assert all(run.text == source[run.start : run.end] for run in found if run.plain)


@given(st.text(alphabet=st.sampled_from("ab1 ${}^_~'`-.,()|&%=")))
def test_no_letter_or_digit_is_lost(source: str) -> None:
    told = unicodedata.normalize("NFKC", convert(source))

    assert [letter for letter in told if letter.isalnum()] == [letter for letter in source if letter.isalnum()]


@pytest.mark.parametrize(
    "bomb",
    ["{" * 9000, r"\emph{" * 3000, "$" * 9000, "$" + "{" * 300 + "}" * 300 + "$", r"$\sqrt" * 3000, "$" + " " * 30_000 + "_x"],
)
def test_a_bomb_of_tex_is_read_in_no_time(bomb: str) -> None:
    assert convert(bomb) is not None
