"""Words that name one country: itself, its people, and the capital where papers mean its government by it."""

import re

# A passage that has one word of a line has all of it; the first stands for them.
_LINES = """
us u.s usa u.s.a united-states america american americans washington
uk u.k united-kingdom britain british briton britons great-britain london
uae u.a.e united-arab-emirates emirates emirati emiratis
un u.n united-nations
eu e.u european-union brussels
nato atlantic-alliance
isis isil islamic-state daesh
shiite shiites shia shi'ite shias
sunni sunnis
kurd kurds kurdish kurdistan
europe european europeans
africa african africans
asia asian asians
afghanistan afghan afghans kabul
albania albanian albanians
algeria algerian algerians algiers
angola angolan angolans
argentina argentine argentines argentinian
armenia armenian armenians yerevan
australia australian australians aussie canberra
austria austrian austrians vienna
azerbaijan azerbaijani azerbaijanis azeri baku
bahrain bahraini bahrainis manama
bangladesh bangladeshi bangladeshis dhaka
belarus belarusian belarusians minsk
belgium belgian belgians
bolivia bolivian bolivians
bosnia bosnian bosnians
brazil brazilian brazilians brasilia
bulgaria bulgarian bulgarians sofia
cambodia cambodian cambodians khmer
cameroon cameroonian cameroonians
canada canadian canadians ottawa
chad chadian chadians
chile chilean chileans
china chinese beijing
colombia colombian colombians bogota
congo congolese drc kinshasa
costa-rica costa-rican
croatia croatian croatians croat croats zagreb
cuba cuban cubans havana
cyprus cypriot cypriots nicosia
czechia czech czechs czech-republic prague
denmark danish dane danes copenhagen
ecuador ecuadorian ecuadorians quito
egypt egyptian egyptians cairo
eritrea eritrean eritreans
estonia estonian estonians tallinn
ethiopia ethiopian ethiopians addis-ababa
finland finnish finn finns helsinki
france french frenchman frenchmen paris
georgia georgian georgians tbilisi
germany german germans berlin
ghana ghanaian ghanaians accra
greece greek greeks athens
greenland greenlander greenlanders greenlandic
guatemala guatemalan guatemalans
haiti haitian haitians
honduras honduran hondurans
hungary hungarian hungarians budapest
iceland icelandic icelander icelanders reykjavik
india indian indians delhi new-delhi
indonesia indonesian indonesians jakarta
iran iranian iranians tehran
iraq iraqi iraqis baghdad
ireland irish irishman dublin
israel israeli israelis jerusalem
italy italian italians rome
ivory-coast ivorian ivorians
jamaica jamaican jamaicans
japan japanese tokyo
jordan jordanian jordanians amman
kazakhstan kazakh kazakhs astana
kenya kenyan kenyans nairobi
kuwait kuwaiti kuwaitis
kyrgyzstan kyrgyz bishkek
laos laotian lao
latvia latvian latvians riga
lebanon lebanese beirut
liberia liberian liberians
libya libyan libyans tripoli
lithuania lithuanian lithuanians vilnius
luxembourg luxembourger
madagascar malagasy
malawi malawian malawians
malaysia malaysian malaysians
mali malian malians bamako
malta maltese
mauritania mauritanian
mexico mexican mexicans mexico-city
moldova moldovan moldovans
mongolia mongolian mongolians
montenegro montenegrin montenegrins
morocco moroccan moroccans rabat
mozambique mozambican mozambicans
myanmar burma burmese
namibia namibian namibians
nepal nepali nepalese kathmandu
netherlands dutch dutchman holland
new-zealand new-zealander new-zealanders wellington
nicaragua nicaraguan nicaraguans
niger nigerien
nigeria nigerian nigerians abuja
north-korea north-korean north-koreans pyongyang
norway norwegian norwegians oslo
oman omani omanis muscat
pakistan pakistani pakistanis islamabad
palestine palestinian palestinians
panama panamanian panamanians
paraguay paraguayan
peru peruvian peruvians lima
philippines philippine filipino filipinos manila
poland polish pole poles warsaw
portugal portuguese lisbon
qatar qatari qataris doha
romania romanian romanians bucharest
russia russian russians moscow kremlin
rwanda rwandan rwandans kigali
saudi saudis saudi-arabia saudi-arabian riyadh
scotland scottish scots scot
senegal senegalese dakar
serbia serbian serb serbs belgrade
singapore singaporean singaporeans
slovakia slovak slovaks bratislava
slovenia slovenian slovene slovenes ljubljana
somalia somali somalis mogadishu
south-africa south-african south-africans pretoria
south-korea south-korean south-koreans seoul
spain spanish spaniard spaniards madrid
sri-lanka sri-lankan sri-lankans
sudan sudanese khartoum
sweden swedish swede swedes stockholm
switzerland swiss bern
syria syrian syrians damascus
taiwan taiwanese taipei
tajikistan tajik tajiks
tanzania tanzanian tanzanians
thailand thai thais bangkok
tunisia tunisian tunisians tunis
turkey turkish turk turks turkiye ankara
turkmenistan turkmen
uganda ugandan ugandans kampala
ukraine ukrainian ukrainians kyiv kiev
uruguay uruguayan uruguayans
uzbekistan uzbek uzbeks tashkent
vatican holy-see
venezuela venezuelan venezuelans caracas
vietnam vietnamese hanoi
wales welsh welshman
england english englishman
yemen yemeni yemenis sanaa
zambia zambian zambians lusaka
zimbabwe zimbabwean zimbabweans harare
"""
_GROUPS = {word: line.split()[0] for line in _LINES.strip().splitlines() for word in line.split()}
_ONE = {word.replace("-", ""): group.replace("-", "") for word, group in _GROUPS.items()}
_PHRASE = re.compile(
    r"\b(?:" + "|".join(word.replace("-", r"[\s-]+") for word in _GROUPS if "-" in word) + r")\b", re.IGNORECASE
)


def is_place(word: str) -> bool:
    """Tell whether a word, folded, names a country or its people."""
    return word in _ONE


def canonical(word: str) -> str:
    """Return the word that stands for all that mean the same country, or `word` itself."""
    return _ONE.get(word, word)


def join(text: str) -> str:
    """Return `text` with the names of countries that are several words written as one."""
    return _PHRASE.sub(lambda phrase: re.sub(r"[\s-]+", "", phrase[0].title()), text)
