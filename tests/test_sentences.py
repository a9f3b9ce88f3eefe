"""Sentences: where news prose breaks, and what holds for any text at all."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.passages import split_sentences
from index.sentences import LONGEST

# Each row is a text with ¦ where one sentence ends and the next begins.
TRAPS = [
    # titles and names
    "Sen. Warren spoke first.¦ Gen. Austin followed.",
    "The letter reached Gov. Newsom, Rep. Pelosi and Lt. Gov. Kounalakis on Friday.",
    "Secretary of State John F. Kerry flew home.¦ George W. Bush stayed.",
    "J. K. Rowling and J.R.R. Tolkien sell well.¦ So does C.S. Lewis.",
    "Mr. and Mrs. Smith met Ms. Jones, Dr. Wu and Prof. Lee.¦ They talked.",
    "Martin Luther King Jr. led the march.¦ Robert Downey Jr. did not.",
    "The prize went to Sammy Davis Jr.¦ He wept.",
    "Sgt. Maj. Tom Brown, Col. Ann Reed and Adm. Yi saluted.",
    "The Rev. Al Sharpton arrived.¦ The Hon. Mary Cole presided.",
    "Sen. Susan Collins, R-Maine, and Rep. Adam Schiff, D-Calif., agreed.",
    "Marine Cpl. Ray Diaz, 22, of Tampa, Fla., was hurt.¦ Pvt. Cho was not.",
    "St. Louis beat St. Paul.¦ Mt. Hood had snow and Ft. Worth had none.",
    "Malcolm X spoke.¦ So did Vitamin C.¦ Then came the crowd.",
    # initialisms
    "The U.S. Senate voted.¦ The U.N. Security Council did not.",
    "Talks between the U.S. and Iran broke down.¦ The U.K. was blamed.",
    "He had never lived in the U.S.¦ He was born in Kenya.",
    "It was made in the U.S.¦ The parts were not.",
    "“We will leave the U.S.”¦ She meant it.",
    "U.S.-led forces moved in.¦ The U.S.’s allies cheered.",
    "Washington, D.C., was quiet.¦ Police in Washington, D.C. said so.",
    "She holds a Ph.D. in physics and an M.A. from Yale.¦ He has neither.",
    "The city fell in 586 B.C. after a siege.¦ It rose again.",
    "She works for the F.B.I. in Ohio.¦ The C.I.A. declined to comment.",
    # months, times, numbers
    "The vote is on Jan. 5 in Paris.¦ The next is on Sept. 11.",
    "It opened on Tuesday, Feb. 3, 2015.¦ It closed in Dec. 2016.",
    "The raid began at 5 a.m. Monday.¦ It was over by 6:30 p.m. local time.",
    "They met at 9 p.m.¦ Nobody spoke.",
    "Doors open at 7 p.m.¦ The show starts at 8.",
    "The No. 3 seed lost.¦ No. 10 Downing Street was silent.",
    "It cost $3.5 million.¦ Shares rose 2.4 percent to $1,050.25.",
    "The toll rose to 12.¦ In 2014 it was 9.",
    "The dam broke in 1998.¦ 300 people died.",
    "See section 3.2.1 of the report.¦ Version 2.0 is due.",
    "The final score was 3.¦ Nobody cared.",
    "Is the answer no?¦ No.¦ It is yes.",
    "She said no.¦ He said yes.",
    # firms and such
    "Apple Inc. and Alphabet Inc. fell.¦ Ford Motor Co. rose.",
    "He sold it to Acme Corp.¦ The price was secret.",
    "Tiffany & Co. said sales fell.¦ So did Marks & Spencer Group Ltd. on Monday.",
    "Yahoo! said profits fell.¦ Analysts had expected worse.",
    "The “Jeopardy!” host retired.¦ Viewers mourned.",
    "The case, Roe v. Wade, was cited.¦ So was Brown vs. Board of Education.",
    "Smith et al. found no link.¦ Others disagree.",
    "They bought pens, paper, etc. and left.¦ Some, e.g. Mr. Poe, stayed, i.e. they waited.",
    "The main office on Fifth Ave. in Manhattan closed.¦ So did 12 Main St. in Queens.",
    "The plane, approx. 30 ft. long, fell.¦ It hit Interstate 95.",
    # quotations
    "“There is no time to lose.”¦ He left.",
    '"There is no time to lose."¦ He left.',
    "“It is not 2003,” he said Monday.¦ “We are not invading.¦ We are building, together, for change.”",
    '"Why?" he asked.¦ "Why now?"',
    "“Are you leaving?” she asked him.¦ “Stop!” he cried.",
    "“Will it work?” Kerry asked.¦ Nobody answered.",
    "“Will it work?”¦ He asked twice.¦ “Is it over?”¦ The crowd said no.",
    "Sen. Tim Kaine (D-Va.) Monday voted yes.¦ (He had not before.)¦ That was it.",
    "“Never again!” President Hollande said.¦ The crowd roared.",
    "‘It was like this.’¦ She pointed.",
    "She called it “a game.”¦ He called it “hell.”",
    "He said his men would leave, “by land or sea.¦ They had fought for years after the war.",
    "“We will stay.¦ We will fight.¦ We will win,” he said.",
    "“‘Do it now,’ he told me.¦ ‘Do it.’”¦ She did.",
    "He asked, “What is to be done?”¦ Then he left.",
    "Who said “Let them eat cake”?¦ Not she.",
    "“I don’t know…” she said.¦ “Maybe.”",
    "“He’s gone.”¦ “Where?”¦ “Home.”",
    "The sign said ‘Keep out.’¦ Dogs barked.",
    "“The people’s right to know is at stake.”¦ That is what he told us.",
    "«Non.»¦ Il est parti.",
    "„Nein.“¦ Er ging.",
    # ellipses and dashes
    "He paused ... and went on.¦ Nobody moved.",
    "He said nothing...¦ Then he left.",
    "She waited…¦ The bus never came.",
    "“We have ... no plan,” he said.¦ It showed.",
    "It was over — or was it? — by noon.¦ The crowd thinned.",
    "What?!¦ Really?¦ Yes!!!¦ Fine.",
    # brackets
    "The man (his name was not given) died.¦ (He was 40.)¦ His wife lived.",
    "Kerry, right, meets Lavrov in Paris.¦ (Jane Doe/AP)",
    "The bill [H.R. 1234] passed.¦ Nobody read it.",
    "Prices rose (see Fig. 2).¦ Wages did not.",
    "He wrote that “[t]his is wrong.”¦ The court agreed.",
    "It rose.[1]¦ It fell.[2][3]¦ It stayed.",
    # datelines and bylines
    "PARIS (AP) — Diplomats met Monday.¦ They left Tuesday.",
    "ST. LOUIS (AP) — Rain fell.¦ It stopped.",
    "WASHINGTON, Jan. 5 (Reuters) - The dollar rose.¦ Gold fell.",
    "MOSCOW, Idaho — A dog barked.¦ A cat ran.",
    # web
    "Write to tips@news.example.com or see www.example.com/a.b?c=d.html for more.¦ Thanks.",
    "Read more at https://example.com/2014/09/15/story.html.¦ Then decide.",
    "Amazon.com fell.¦ Booking.com rose.¦ The ASP.NET team cheered.",
    "Follow @example on Threads.¦ Use #news.",
    # other scripts
    "今日は雨です。¦明日は晴れます。¦本当ですか？¦はい！",
    "他说：“我不知道。”¦然后他走了。",
    "هل وصل الوفد؟¦ نعم، وصل أمس.¦ ثم غادر.",
    "राम आया।¦ सीता गई।",
    "¿Dónde está?¦ ¡Aquí!¦ El Sr. Pérez llegó.",
    "Στην Αθήνα βρέχει.¦ Στον Βόλο όχι.",
    # lower-case names and numbers as openers
    "The phone sold out.¦ iPhone sales doubled.",
    "He quit in May.¦ Then he rested.",
    "It ran for 3 hrs. on Sat. and Sun. evenings.¦ Then it closed.",
    "I did it.¦ So can I.¦ You can too.",
    "He gave it an A.¦ She gave it a B.",
    "Add 2 tsp. of salt.¦ Stir for 5 min. or so.",
    "He is a friend of Mr. T.¦ We all are.",
    "Police said the suspect, identified only as Ahmed K., fled.¦ He was caught.",
    "The suspect, Ahmed K., 22, fled.¦ Hans P. did not.",
    "She thanked the Bros. Grimm.¦ They were dead.",
    "1. Preheat the oven.¦ 2. Bake.",
    "It was Vol. 2, pp. 3-4.¦ See p. 9.",
    "The C-SPAN tape shows it.¦ A.J. Foyt won.",
    "Gov. Jerry Brown (D) signed it.¦ Sen. Kaine (D., Va.) cheered.",
    "“Who is it?” asked the clerk.¦ “Me.”",
    "Was it the U.S.?¦ It was!¦ Was it a.m. or p.m.?¦ Both.",
    # layout: lines and paragraphs
    "Talks open in Paris¦\n\nDiplomats met Monday.¦\n\nBy Ann Lee",
    "Talks open in Paris¦\nBy Ann Lee¦\nPARIS — Diplomats from all over the world met on Monday to speak of "
    "peace, of war, of trade and of the price of bread.¦\nThey left.",
    "The minister, who had been in Paris for talks with the president of\nFrance, left on Monday.¦ His "
    "aides stayed on for another day.¦\n\nNobody said why.",
    "Talks open\r\n¦\r\nThe minister, who had been in Paris for talks with the president of\r\nFrance, left.",
    "We need:¦\n- bread¦\n- two pints of milk¦\n- wine\n\n¦Then go.",
    "1. Open the door¦\n2. Walk in.¦ Sit.",
    "# A heading¦\nSome text that goes on for quite a while and then is broken by\nhand.¦\n## Another¦\nMore text.",
    "| a | b |¦\n| c | d |",
    "The price of bread rose¦\nOil fell¦\nGold did nothing at all on Monday¦\nRain is due",
    "One.¦\u2028Two.¦\u2029Three.¦\x0cFour",
    # what follows the stop
    "He **never left.**¦ _She did._¦ Fine.",
    "ALAMEDA, Calif. – The team signed him.¦ He was glad.",
    "The raid began at 3:17 a.m. Baghdad time.¦ It failed.",
    "The song debuted at No. 18 on the U.S. “Hot 100” chart.¦ It fell.",
    "It was built later (c. 1840) by him.¦ It stands.",
    "The film took three months ... And then it flopped.",
    "It was over. ...¦ The crowd left.",
]


@pytest.mark.parametrize("marked", TRAPS)
def test_news_prose_is_split_where_a_reader_would(marked: str) -> None:
    text = marked.replace("¦", "")
    sentences = [text[start:end] for start, end in split_sentences(text)]
    assert sentences == [part.strip() for part in marked.split("¦")]


PIECES = st.one_of(
    st.sampled_from(["U.S.", "Mr. Lee", "Kerry said", "... ", "\n\n", "\r\n", "\n- ", "\n# "]),
    st.sampled_from('.?!… \n\u2028”“"’)([]1Iae-。今؟\x00\ud800\u0301\u200b😀'),
)
ANY_TEXT = st.one_of(st.text(), st.text(st.characters(exclude_categories=())), st.lists(PIECES).map("".join))


@settings(deadline=None, derandomize=True, max_examples=300)
@given(ANY_TEXT)
def test_every_character_but_white_space_is_in_exactly_one_sentence(text: str) -> None:
    sentences = split_sentences(text)
    covered = [i for start, end in sentences for i in range(start, end)]
    assert covered == sorted(set(covered))
    assert all(text[i].isspace() for i in set(range(len(text))) - set(covered))
    assert all(text[start:end] == text[start:end].strip() != "" for start, end in sentences)


@settings(deadline=None, derandomize=True, max_examples=100)
@given(ANY_TEXT, ANY_TEXT)
def test_paragraphs_do_not_depend_on_each_other(one: str, two: str) -> None:
    one, two = " ".join(one.splitlines()), " ".join(two.splitlines())
    second = tuple((start + len(one) + 2, end + len(one) + 2) for start, end in split_sentences(two))
    assert split_sentences(f"{one}\n\n{two}") == split_sentences(one) + second


@pytest.mark.parametrize(
    "text",
    [
        "word " * 40_000,
        "no stop, only clauses, " * 10_000,
        "x" * 200_000,
        "今日は雨" * 50_000,
        "." * 200_000,
        ". " * 100_000,
        ".”" * 100_000,
        "“" * 200_000,
        " " * 200_000 + "a",
        "a.b" * 70_000,
        "وصل الوفد " * 20_000,
    ],
    ids=lambda text: repr(text[:8]),
)
def test_a_text_without_sentence_ends_is_divided_evenly(text: str) -> None:
    lengths = [end - start for start, end in split_sentences(text)]
    assert max(lengths) <= LONGEST
    assert min(lengths) >= LONGEST // 4 or len(lengths) == 1
    assert sum(lengths) >= sum(not c.isspace() for c in text)


def test_an_endless_sentence_is_cut_after_a_clause() -> None:
    text = "the first clause, " * 80
    assert {text[end - 1] for _, end in split_sentences(text)} == {","}


def test_many_tiny_sentences_are_as_many_spans() -> None:
    assert len(split_sentences("Go on. " * 30_000)) == 30_000
    assert len(split_sentences("今日。" * 30_000)) == 30_000
    assert len(split_sentences("a\n" * 30_000)) == 30_000


def test_no_text_has_no_sentences() -> None:
    assert split_sentences("") == split_sentences(" \n\t\u2003\x0b") == ()
