"""Made-up papers with every title, author and abstract that a digest may have to bear: hostile, foreign, endless or empty."""

from digestd.model.paper import Identifiers, Links
from tests.support.samples_makers import arxiv, made

_WORD = "Lanternophotobiogeochemohydrodynamik"

NASTY = (
    arxiv(
        1301,
        'A <b>bold</b> & "quoted" lantern: 5 < 6 > 3 \u202egnitirw drawkcab\u202c\r\nBcc: eve@example.net =?utf-8?q?=0A?=X: y',
        '<script>alert(1)</script>; Pat "Lamp" O\'Neil; eve@example.net\r\nBcc: mallory; '
        "=?utf-8?b?DQpCY2M6IGV2ZQ==?=; Robert'); --",
        "From here on every line may hurt.\r\n.\r\nFrom there too. <img src=x onerror=alert(1)> <style>*{display:none}</style> "
        "\x00\x1b[31mred\x1b[0m \u2028 a line, \u2029 a paragraph, \u0085 a next line \u200b\u2066and\u2069 no width. "
        "=?utf-8?q?=0D=0AX-Lantern:_yes?= -- \r\n-- \r\n</i></b><!-- never ended",
        "cs.CR <b>cs</b>",
        sources=("arxiv\r\nX: y", "hugging & face"),
        comment="<u>12 pages</u>\r\n\r\nBcc: eve@example.net",
        journal="Journal of \u202eSdrawkcab\u202c & <Sons>",
    ),
    arxiv(
        1302,
        "قراءة الفوانيس المتناثرة على الرصيف: دراسة في المد والجزر (lantern) بنسبة 12.5٪",
        "محمد علي الحسيني; יעל כהן־לוי; فاطمة الزهراء; David ben-Gurion Özgür",
        "ندرس كيف تقرأ القوارب الفوانيس ليلاً من بعيد. نقيس 41 فانوساً على مدى 60 ليلة، "
        "ونثبت أن قاعدة بسيطة (lantern rule) توفر نصف "
        "الزيت وتفقد 3% فقط من المشاهدات عندما $\\alpha < \\beta$.",
        "cs.LG",
        votes=12,
    ),
    arxiv(
        1303,
        "פנסים בחשיכה: על סדר ה־lantern בין הגאות לשפל",
        "יעל כהן; רות בן־דוד",
        "אנו מראים כי סדר הפנסים קובע את זמן ההגעה, גם כאשר הגאות משתנה (ראו arXiv:2613.01302).",
        "math.PR",
    ),
    arxiv(
        1304,
        "灯笼与潮汐：在没有空格的很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长的标题中阅读稀疏的光",
        "王小明; 欧阳娜娜; 李",
        "我们研究船只如何在夜间阅读码头上的灯笼。在六十个夜晚测量了四十一盏灯笼，证明了每条船只需要看$O(n\\log n)$次。"
        "一个简单的规则，即每隔一盏点亮一盏，会损失百分之三的观测，却能节省一半的油。我们说明这一规则何时成立、何时失效，并公开全部数据。",
        "cs.LG cs.CV",
        votes=1203,
    ),
    arxiv(
        1305,
        "灯台はなぜ回るのか：ランタン (lantern) 注意機構の再検討",
        "山田太郎; 佐藤花子; 김철수; 박지민",
        "灯台の光は回る。注意機構もまた回るべきだろうか。本研究では、疎な注意機構を回転させる手法を提案し、六つのコーパスで評価する。"
        "ランタンは조용히 빛난다. 우리는 등불의 배치를 다시 생각한다.",
        "cs.CL",
    ),
    arxiv(
        1306,
        f"{_WORD * 4} of the lantern",
        "A" + "a" * 299 + "; Wolfeschlegelsteinhausenbergerdorff Sr.; 'T Hooft; X Æ A-12; Ng",
        f"See https://example.org/{'lamp' * 40}?tide={'0123456789' * 8} and doi:10.5555/{'9' * 90}, or {_WORD.upper() * 3}. "
        "The sequence is " + "ACGT" * 60 + ".",
        "q-bio.GN",
    ),
    arxiv(
        1307,
        r"$\mathcal{O}(n^{2-\epsilon})$ lanterns: Erd\H{o}s--R\'enyi, $\sqrt{s}=13$ TeV, "
        r"\$5 to \$10, C:\temp\new and \unknownmacro{x}",
        r"{\'E}mile B{\o}rel; Paul Erd{\H o}s; {\v C}ech, E.; M{\"u}ller-L{\"u}denscheidt; \textbf{Bold}",
        r"$$\sum_{i=1}^{n} x_{i,j}^{2} \leq \frac{\pi^2}{6}$$ and \textbf{bold} lanterns, \emph{leaning} ones, "
        r"$x_{n+1}^{T}\hat{y}$, H$_2$O, $10^{-3}$\,m, 50\% of $k$, an $ alone, {braces}, ``quotes'', "
        r"damaged textbf{F}inetuning in Oleft(n^{1.5}right), $\unknown{a}{b}$ and a formula that never ends: $\frac{a}{b",
        "math.AG hep-th",
        version=17,
    ),
    arxiv(
        1308,
        "🏮 Lantern 👩‍🔬 & friends 🧪: “quotes” … ﬁ ﬂ ligatures, 𝓛𝒶𝓃𝓉𝑒𝓇𝓃 and Ｆｕｌｌ Ｗｉｄｔｈ",
        "",
        "",
        "cs.HC",
        version=None,
    ),
    arxiv(
        1309,
        "L\u0334a\u0335\u0321n\u0334\u0316t\u0337\u0300\u0301\u0302e\u0338r\u0336n\u0335 "
        "texts that climb: a\u0300\u0301\u0302\u0303\u0304 lantern",
        "Z\u0351\u0346a\u0304\u0306l\u030dg\u0324o\u0325; Đặng Thị Hà; Žižek Šćepanović; Þórður Ægisson; ʻŌkina Kahananui",
        "Ọ̀nà ìmọ́lẹ̀: ti̍h-á, Việt Nam, ქართული, ελληνικά, кириллица, አማርኛ, "
        "ภาษาไทยไม่มีช่องว่างระหว่างคำในประโยคยาวมากมาย, हिन्दी लालटेन.",
        "cs.CL",
    ),
    arxiv(
        1310,
        "The lantern collaboration: " + "a title that goes on and on, " * 60 + "and ends",
        "; ".join(f"Q. Author-{number:04}" for number in range(1, 3_001)),
        "A lantern. " * 400,
        "hep-ex",
        comment="1,200 pages " * 40,
        votes=12_345,
    ),
    made(
        Identifiers(doi="10.5555/lantern'\"><b>(1)"),
        "A lantern whose links lead nowhere good",
        "Eve",
        "Neither link is for the web.",
        links=Links("javascript:alert(1)", "data:text/html,<script>alert(1)</script>"),
        sources=("a feed",),
    ),
    made(
        Identifiers(),
        "Editorial: lantern",
        "",
        "Another editorial of this title stands below, and neither has a name but its link.",
        links=Links('http://lämpchen.example/a b/"><i>?x=1&y=%3C#ä', "HTTP://EXAMPLE.ORG/lantern.pdf"),
        sources=('journal of "things" & <more>',),
    ),
    made(
        Identifiers(),
        "Editorial: Lantern",
        "",
        "",
        links=Links("https://example.org/other"),
        sources=("a feed",),
        published=None,
    ),
    made(Identifiers(), "\u200b\u202e lantern\u00ad", " ; \u2060", "\u200b", sources=("lantern feed",), published=None),
)
