"""Words of grammar in other languages than English: they say nothing of what a paper is about."""

from digestd.matching.plurals import singular
from digestd.matching.text import folded_words

# German, French, Spanish and Portuguese, Italian, Dutch, Chinese, Japanese.
_WORDS = """
aber als am an auch auf aus bei beim bis da dabei damit dann das dass dem den denen der deren des dessen die dies diese
diesem diesen dieser dieses doch dort durch ein eine einem einen einer eines es für gegen haben hat ihre ihrer im in ins ist
jedoch kann können man mehr mit nach nicht noch nur oder ohne sehr seine seiner sich sie sind so sowie über um und unter vom
von vor war waren was wenn werden wie wir wird wurde wurden zu zum zur zwischen au aux avec ce ces cet cette comme dans de
des du elle en est et être il ils la le les leur leurs mais même ne nous on ont ou où par pas plus pour qu que qui sa sans
se ses son sont sous sur un une al como con da das del desde do dos el em entre es esta este estos fue ha las lo los más
mais muy na nas no nos o os para pela pelo pero por são se sin sobre su sus também um uma una y alla alle anche che con dal
dalla degli dei della delle di è gli nel nella nelle negli per più si sono stato tra aan bij dat deze dit door een het hun
met naar niet ook op te uit van voor werd worden zijn
的 一 是 在 不 了 有 和 这 中 为 上 个 以 我 他 时 来 用 们 到 与 对 及 其 于 之 等 并 而 从 被 将 把 或 但 也 都 同
本 文 研 究 结 果 方 法 進 行
の に は を た が で て と し れ さ い る も す な り こ よ く う か ら っ あ そ
"""
FUNCTION_WORDS = frozenset(map(singular, folded_words(_WORDS)))
ENOUGH = 6  # different ones say that a paper is in such a language
