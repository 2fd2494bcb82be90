"""First names: what tells that two words behind a weak key, such as `client` or `profile of`, are somebody's name."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from footfall.transforms.describing.personal.words import words

FIRST_NAMES: Final = words("""
    aaron abby abdul abdullah abel abigail adam adela adele adrian adriana adrien agata agathe agnes agnieszka ahmed
    ahmet aicha aida aileen aino aisha aishwarya ajay akash akira alain alan alba albert alberto aleksandar aleksander
    aleksandra aleksey alena alessandra alessandro alessia alex alexander alexandra alexandre alexandros alexandru
    alexei alexey alfred alfredo ali alice alicia alina alison aliya allison alma alvaro amanda amelia amelie amina
    amir amit amy ana anastasia anastasija anders andre andrea andreas andreea andrei andrej andres andrew andrey
    andrzej andy anette angela angelica angelika angelina angelo aniket anil anita anja anjali anke ankit ann anna
    annabelle anne anneke annette annika anthony antje antoine anton antonella antonia antonio antonis anuj anya aoife
    apostolos ariana arjun arkadiusz armando arnaud arne artem arthur arturo arun arvid ashish ashley astrid asuka
    athena attila audrey aurelie aurora ava axel aya aylin ayse aysegul balazs barbara barbora bartosz basil bastian
    beata beatrice beatriz bela ben benedikt benjamin benoit bernard bernd bernhard berta beth bettina bianca birgit
    birgitte bjarne bjorn blanca bob bogdan boris bozena bram brandon branko brenda brian brigitte britta bruno burak
    camila camille carina carl carla carlo carlos carmen carol caroliine carolin carolina caroline casper catalina
    catarina caterina catherine cecile cecilia cedric celia celine chantal charlene charles charlie chiara chidi
    chinedu chinwe chloe chris christa christian christina christine christoph christophe christopher ciara cindy
    claire clara claude claudia claus clemens clement clotilde colin conor constantin corinna corinne cornelia cosmin
    cristian cristina dagmar daisuke dalia damian damien dan dana daniel daniela daniele danielle danuta dariusz darko
    dave david davide dawid deborah deepak denis denise dennis derek diana didier diego dieter dilara dimitra dimitri
    dimitris dirk divya dmitri dmitry dmytro dominik dominika dominique donald doris dorota dorothea dragan duncan
    dusan ebru eddie edgar edith eduard eduardo edward edwin eero eetu eileen ekaterina eleanor elena eleni elias elif
    elisa elisabeth elisabetta elise elizabeth elke ella ellen elodie elsa elvira emil emilia emilie emily emir emma
    emmanuel emmanuelle emre enrico enrique eric erica erich erik erika erin ernst erwan erwin esra estelle ester
    esther eszter etienne eugen eugene eva evan evelyn evgenia evgeny ewa fabian fabienne fabio fabrice farid fatima
    fatma federica federico felicia felipe felix ferenc fernanda fernando filip filippo fiona flavia florent florian
    francesca francesco francis francisca francisco franck francois francoise frank franz franziska fred freddy
    frederic frederik fredrik friedrich fritz gabor gabriel gabriela gabriele gabriella galina gareth gary gautam
    gavin genevieve geoffrey georg george georges georgios geraldine gerard gerd gerhard giacomo gianni gilles gina
    giorgia giorgio giorgos giovanna giovanni giulia giulio giuseppe gizem gloria goran gordon greg gregor gregory
    greta grzegorz guido guillaume gulsen gunter gunther gustav guy hadrien halina hamza hana hanna hannah hanne
    hannes hans harald harry haruka haruto hasan hassan heather hector heidi heike heiko heinrich heinz helen helena
    helene helga helmut hendrik henri henrik henrike henry herbert hermann hilde hiroko hiroshi holger horst hubert
    hugo huseyin ian ibrahim ida ignacio igor ikram ilaria ilona ilse imran ines inga inge ingo ingrid ioana ioannis
    ion irena irene irina irma isabel isabella isabelle iskander ismail ivan ivana ivo ivona iwona jaakko jacek jacob
    jacqueline jacques jakob jakub james jamie jan jana jane janet janina janine janusz jari jasmin jasmina jasmine
    jason javier jean jeanne jeff jeffrey jelena jelle jennifer jenny jens jeremy jeroen jerome jerzy jessica jesus
    jill jim jimena jiri jitka joachim joan joana joanna joao joaquin jochen joe joel joelle joerg johan johanna
    johannes john jolanda jonas jonathan joost jorg jorge jose josef josefine joseph joshua josip jozef juan juana
    judith juha julia julian juliana julie julien juliette junko jurgen justin justine justyna jutta kaito kamil
    kamila karel karen karim karin karina karl karla karol karolina karsten katalin katarina katarzyna kate katerina
    katharina katherine kathleen kathrin kathy katia katja katrin kay kazuki kazuo keiko keisuke keith ken kenji
    kenneth kenta kerstin kevin khalid kim kimberly kirsi kirsten kjell klaas klara klaus konrad konstantin
    konstantinos kristian kristin kristina kristine krisztina krystyna krzysztof kumar kwame kyle lara larissa lars
    lasse laszlo laura laure lauren laurence laurent lea leah leena leila lena lennart leo leon leonard leonardo
    leonie leonor leslie leszek leticia levente lidia lieke lili lilian liliana lilly lina linda linh linus lionel
    lisa lise liu livia ljiljana loic lorena lorenzo louis louisa louise lubos luc luca lucas lucia luciana lucie lucy
    ludmila ludovic ludwig luigi luis luisa luiz lukas lukasz luke lydia maarten maciej maddalena madeleine magda
    magdalena magnus mahmoud maja maksim malgorzata malin malte mandy manfred manon manuel manuela marc marcel marcela
    marcelo marcin marco marcos marcus marek maren margaret margarita margaux margit margot maria mariam marian
    mariana marianne marie marieke marija marijke marina mario marion marisa marit marius mariusz marjan marjolein
    mark marko markus marleen marlene marta martha martin martina martine marton mary maryam mateo mateusz mathias
    mathieu mathilde matias matt matteo matthew matthias matthieu maud maureen maurice mauro maxime maximilian megan
    mehdi mehmet mei meike melanie melissa mercedes merve michael michaela michal michel michele michelle miguel mihai
    mika mikael mike mikhail mikko milan milena milica minh minjun mira mirela miriam mirjam miroslav mohamed mohammad
    mohammed moira monica monika monique moritz muhammad murat mustafa myriam nadia nadine nadja nanami naoko naomi
    natalia natalie natasha nathalie nathan neha nele nguyen niamh nicholas nick nico nicola nicolas nicole niels
    nihal nikhil nikita niklas nikola nikolai nikolaos nikolas nikos nils nina nino nisha noa noah noel noemi nora
    norbert nuno odile okan oksana olaf ole oleg oleksandr olena olga oliver olivia olivier omar oriol orsolya oscar
    oskar otto ozge pablo pamela panagiotis paola paolo pascal pascale patricia patrick patrik patrizia paul paula
    paulina pauline paulo pavel pawel pedro peggy pekka per pernille peter petr petra petros phil philip philipp
    philippe pia pierre pieter pietro pilar piotr pooja pradeep priya rachel rachid radek radoslav rafael rafal rahul
    rainer raj rajesh ralf ramon ramona raphael raquel raul ravi rebecca regina reinhard renata renate rene ricarda
    riccardo richard rita robert roberta roberto robin rocio rodrigo roger rohan roland rolf romain roman ronald rosa
    rosario rosemary roswitha roxana ruben rudolf rui rupert ruslan russell ruth ryan sabina sabine sabrina sachin
    sakura sally salma samantha samir samuel sandeep sandra sandrine sanja sanjay sanna santiago sara sarah saskia
    satoshi scott sean sebastian selin selma seoyeon serena serge sergei sergey sergio shannon sharon sheila shota
    silke silvia simon simona simone sinead slavica snezana sofia sofie solene solveig sonia sonja soo sophia sophie
    soren spyros stacy stan stanislaw stefan stefania stefanie steffen stelios stella stephan stephane stephanie
    stephen steve steven stijn stine stuart sture sudha sunil susan susana susanne suzanne svein sven svenja svetlana
    sylvia sylvie sylwia szymon tadeusz takashi takeshi tamara tamas tania tanja tariq tatiana tatjana tatyana ted
    teemu teresa tereza thea theo theresa therese thierry thijs thomas thorsten tiago tibor tiffany tim timo timothy
    tina tobias todd tom tomas tomasz tomoko toni tony torben tracy travis trine tuan tuomas ulf uli ulrich ulrike
    umut ursula ute uwe vaclav valentin valentina valeria valerie vanessa vanja vasile vasilis vera verena veronica
    veronika veronique vicente vicki victor victoria vijay vikram viktor viktoria vinay vincent vincenzo viola violeta
    virginie vivian vlad vladimir volker volodymyr walter waltraud wanda wei wendy werner wiebke wilhelm willem
    william wim wojciech wolfgang xavier xiaoming yann yannick yannis yasemin yasmin yoko yolanda yuki yulia yuri
    yusuf yvan yves yvonne zahra zbigniew zdenek zeynep zofia zoltan zsofia zuzana
    александр алексей анастасия андрей андрій анна антон артем валентина василий виктор виктория виталий владимир
    галина дарья денис дмитрий евгений евгения екатерина елена иван игорь ирина кирилл константин кристина ксения
    лариса людмила максим марина мария микола михаил надежда наталья наталія николай оксана олег олександр олена ольга
    павел петр роман светлана сергей сергій татьяна тетяна юлия юрий ірина
    γιαννης γιωργος δημητρης ελενη κωστας μαρια νικος
    """)
"""Common first names in Europe, the Americas, India and East Asia, in small letters without accents; of names that are
words, too (`grace`, `may`), or places (`sofia` is both), only the most frequent ones."""
_PARTS: Final = re.compile(r"[\s_.+-]+")


def plain_parts(text: str) -> list[str]:
    """The words of a name in small letters, without accents.

    >>> plain_parts("Søren-Müller"), plain_parts("Łukasz Wójcik")
    (['soren', 'muller'], ['lukasz', 'wojcik'])
    """
    lower = unicodedata.normalize("NFD", text.lower().translate(_STROKES))
    bare = "".join(one for one in lower if one == _BREVE or not unicodedata.combining(one))
    return [part for part in _PARTS.split(unicodedata.normalize("NFC", bare)) if part]


_STROKES: Final = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ß": "ss", "æ": "ae", "ı": "i"})
_BREVE: Final = "\u0306"
"""The sign that tells й from и; all other marks are left out."""


def is_person(text: str) -> bool:
    """Whether two to four words are a name: of letters alone, one of them a common first name.

    >>> is_person("jane-doe"), is_person("Doe, Jane"), is_person("user manual"), is_person("jane")
    (True, True, False, False)
    """
    parts = plain_parts(text.replace(",", " "))
    return 2 <= len(parts) <= 4 and all(part.isalpha() for part in parts) and not FIRST_NAMES.isdisjoint(parts)
