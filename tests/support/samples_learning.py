"""Made-up papers on learning machines. No link leads to a paper: the arXiv ids are of a month 13, which no calendar has."""

from tests.support.samples_makers import arxiv, forum

LEARNING = (
    arxiv(
        1101,
        "Harbour Lights: Sparse Attention That Learns Where to Look Twice",
        "Noor Haddadi-Vance; Piet Ostebrink; Yukari Shirahama; Zo\\\"e Lindqvist-Amaral; Tom\\'a\\v{s} "
        r"B\v{r}ezovsk\'y; Mei-Lin Zhuang; Ifunanya Okpara-Lund; Wen-Hui Zhao",
        "Sparse attention decides once which keys a query may read, and lives with the mistake. Harbour Lights decides "
        r"twice: a first pass of cost $O(n\log n)$ lights candidate blocks, and a second one, which sees the "
        "candidates together, may put out half of them and light others. The second look costs 4% of a layer and "
        "removes 71% of the error that is left by the first. On eight corpora with inputs of up to 512k tokens the "
        "model stays within 0.3 points of dense attention while it touches 5% of the key blocks. We show when a second "
        r"look cannot help: if the gap between the best and the next block is at least $\varepsilon\sqrt{d}$, one look "
        r"is enough with probability $1-\delta$. Kernels, training logs and the eleven runs that failed are released.",
        "cs.LG cs.CL stat.ML",
        votes=128,
        comments=9,
        organization="Tideford Institute of Technology",
        comment="31 pages, 12 figures; code at https://example.org/harbour-lights",
        sources=("arxiv", "huggingface"),
    ),
    arxiv(
        1102,
        "What a Router Forgets: Mixture-of-Experts Models After the Thousandth Fine-Tuning",
        r"Aurelia Montcalvo; Jun-seo Baek-Halloran; Siddharth Vaidyanath; {\O}ystein Falkenborg",
        "Experts are chosen by a router that nobody fine-tunes on purpose. We follow the routers of three open mixture "
        "of experts models through a thousand small fine-tunings and find that they forget in a fixed order: first "
        "rare languages, then code, then numbers. Freezing the router does not help, since the experts move under it. "
        "A rehearsal of 256 tokens per task does.",
        "cs.CL cs.LG",
        version=2,
        votes=41,
        sources=("arxiv", "huggingface"),
    ),
    arxiv(
        1103,
        "Low-Rank Adapters Are Not Small: Counting What They Change",
        r"Ign\'acio Valdeperas; Oyelaran Fashina; Hye-rin Gwak-Moreau",
        "An adapter of rank 8 has few parameters and many effects. We count them: of the 2.1 million decisions that a "
        "model makes on our probe set, a LoRA of rank 8 turns 390,000, against 410,000 for full fine-tuning. Rank "
        "bounds how a model may change, not how much. A regulariser on decisions instead of weights keeps the gain and "
        "turns a third as many.",
        "cs.LG",
        journal="Transactions on Made-Up Learning 14 (2026) 101–129",
        comment="Accepted for publication; 29 pages",
    ),
    arxiv(
        1104,
        "Retrieval Without Regret",
        "Clementine Abara-Wolff; Jae-hyun Tokaro",
        "A retrieval-augmented model that is handed the wrong page answers worse than one that is handed none. We "
        "bound the regret of retrieval by the entropy of the retriever's scores and stop reading when the bound is "
        "passed.",
        "cs.IR cs.CL",
        votes=7,
        sources=("huggingface",),
    ),
    arxiv(
        1105,
        "A Survey of Surveys on Sparse Attention",
        "Hanne Quist",
        "We survey 212 surveys of sparse attention, and the 19 that survey other surveys. Half of what they cite, they "
        "cite from one another. A reading list of nine papers covers all methods that any of them describes.",
        "cs.CL cs.DL",
    ),
    arxiv(
        1106,
        "Diffusion Models on a Tide: Sampling With a Clock That Runs Backwards Twice a Day",
        "Sof{\\'i}a Marchetti-Ruiz; Anselm K\\\"onigsmark; Bo Lindqvist; P\\'adraig \\'O Siodhach\\'ain",
        "Physical processes with a period are poorly served by diffusion models, whose clock runs once from noise to "
        "data. We give the sampler two clocks. On sea level records from 60 harbours the periodic sampler needs 12 "
        "steps where the usual one needs 180, and its samples keep the phase of the tide to within 4 minutes over a "
        r"year ($\mathrm{RMSE} < 10^{-2}$ m).",
        "stat.ML cs.LG physics.ao-ph",
        votes=63,
        sources=("arxiv", "huggingface"),
    ),
    arxiv(
        1107,
        "Long Context Is a Promise: Auditing 1M-Token Models With Planted Contradictions",
        "Thandeka Mbeki-Olsson; Lars Grimsrud; Chen Wei-Ling; Emeka Obi; Faye Wu; Gil Roth; Hana Sato; Ines Duarte; Jo "
        "Park; Kai Berg",
        "A model that can read a million tokens is promised to have read them. We plant pairs of sentences that "
        "contradict one another, at distances from a hundred to 900,000 tokens, into contracts, novels and source "
        "code, and ask whether the text is consistent. Six of seven models with long context say yes. Accuracy falls "
        "from 96% to chance not with the distance of the pair, as is often said, but with the number of headings "
        r"between them: $\rho = -0.83$. A prompt that asks for an outline first recovers a third of the loss, at twice "
        "the price. We release the 4,100 contradictions, the texts they were planted in, and all answers; nothing in "
        "them was ever written by a person about another.",
        "cs.CL",
        comment="Data: https://example.org/contradictions. 44 pages",
        version=3,
    ),
    forum(
        "TideGraph26",
        "Graph Networks That Know the Edge of the Map",
        "Yaw Asante-Bell; Rosalind Ekwueme; Tri Pham",
        "A graph network on a cut-out of a larger graph treats its border as if the world ended there. We mark border "
        "nodes, tell the network how much is missing, and train it on cuts of every size. Errors near the border fall "
        "by 58%, and the network can say when the question cannot be answered from the map.",
        venue="Conference on Imaginary Representations 2026 (oral)",
    ),
    forum(
        "LampProof26",
        "Proofs by Lamplight: Formal Mathematics With a Budget of Ten Calls",
        'Leonhard Ziegelm{\\"u}ller; Nadia Osei',
        "Provers are compared by what they prove with a million calls. With ten calls the order is another one: the "
        "smallest of our models wins, because it is the only one that was trained to give up.",
        venue="Workshop on Small Provers",
    ),
    arxiv(
        1108,
        "Calibrated Refusal: When “I Do Not Know” Is the Right Answer 37% of the Time",
        "Marguerite Delacroix-Nwosu; Ravi Teja",
        r"We ask for refusals that are calibrated: of the questions refused at level $\alpha$, a share $\alpha$ would "
        "have been answered wrongly. Conformal prediction gives such a guarantee for a fixed set of answers; for free "
        "text it needs a notion of sameness, and we show that three current ones fail it. A fourth, which asks two "
        "readers instead of one, holds on 14 of 15 benchmarks.",
        "cs.CL cs.AI stat.ML stat.ME",
        votes=19,
        sources=("arxiv", "huggingface"),
    ),
)
