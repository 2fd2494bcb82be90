"""First names: signs that two words behind a weak key, such as `client` or `profile of`, are somebody's name."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from footfall.transforms.describing.personal.words import words

FIRST_NAMES: Final = words("""
    aaliyah aaron abby abdallah abdul abdullah abdulrahman abel abigail adam adaobi adebayo adela adele adrian
    adriana adrien afonso agata agathe agnes agnieszka agus ahmad ahmed ahmet aicha aida aiden aileen aino aisha
    aishwarya ajay akash aki akiko akira alain alan alba albert alberto alejandro aleksandar aleksander aleksandra
    aleksey alena alessandra alessandro alessia alessio alex alexander alexandra alexandre alexandros alexandru
    alexei alexey alfred alfredo ali alice alicia alina alison aliya allison alma almudena alva alvaro amanda amara
    ambra amelia amelie amina amir amit amy ana anaelle anais anastasia anastasija anders andre andrea andreas
    andreea andrei andrej andres andrew andrey andrzej andy anette angela angelica angelika angelina angelo anika
    aniket anil anita anja anjali anke ankit ann anna annabelle anne anneke anneliese annette annika anouk anssi
    anthony antje antoine anton antonella antonia antonio antonis antti anuj anya aoife apinya apostolos ariana
    ariel arjun arkadiusz armando arnaud arne artem arthur arturo arun arvid asher ashish ashley asif astrid asuka
    athena attila aubrey audrey aurelie aurora ava avery axel aya aylin ayse aysegul ayumi balazs balint bao
    baptiste barbara barbora bartosz basil bastian beata beatrice beatriz bela ben benedikt benjamin benoit bente
    berit bernard bernd bernhard berta bertrand beth bettina betty bianca billy birgit birgitta birgitte bjarne
    bjorn blanca blanka blazej bob bobby bodil bogdan bogumila bojan boris bozena bram brandon branko brenda brian
    brigitte britta brittany bronwyn bruce bruno bryan budi burak caio caleb callum cameron camila camille caoimhe
    carina carl carla carlo carlos carmen carol caroliine carolin carolina caroline carolyn casper catalina catarina
    caterina catherine cecile cecilia cedric celia celine cem chantal charlene charles charlie cheryl chiamaka
    chiara chidi chinedu chinwe chloe chris christa christian christina christine christoph christophe christopher
    chukwuemeka cian ciara cindy claire clara claude claudia claus clemens clement clotilde colin colton connor
    conor constantin corinna corinne cornelia cosmin craig cristian cristina cynthia dagmar daisuke dalia damian
    damien dan dana daniel daniela daniele danielle danijela danuta dariusz darko dasha dave david davide dawid
    deborah debra deepak denis denise deniz dennis derek detlef devika dewi diana diane didier diego dieter dilara
    dimitar dimitra dimitri dimitris dirk divya dmitri dmitry dmytro dominic dominik dominika dominique donald donna
    doris dorota dorothea dorothy douglas dragan drazen duncan dusan dylan ebba ebru eddie edeltraud edgar edith
    eduard eduardo edward edwin eero eetu egon eike eileen eino ekaterina eleanor elena eleni eli eliana elias elif
    elijah elin elisa elisabeth elisabetta elise elizabeth elke ella ellen ellie elodie elsa elvira elzbieta emeka
    emil emilia emilie emily emine emir emma emmanuel emmanuelle emre endre enrico enrique ercan eric erica erich
    erik erika erin erkki ernst ersin erwan erwin erzsebet esra estelle ester esther eszter ethan etienne eugen
    eugene eva evan evangelos evelyn everett evgenia evgeny ewa ewelina ezekiel ezra fabian fabienne fabio fabrice
    faisal faith farid fatih fatima fatma federica federico felicia felipe felix femi ferenc fernanda fernando filip
    filippo finn fiona flavia florent florian folasade francesca francesco francis francisca francisco franck
    francois francoise frank franz franziska fred freddy frederic frederik fredrik freja frieda friedrich fritz
    fumiko gabi gabor gabriel gabriela gabriele gabriella gaetano galina gareth gary gautam gavin gemma genevieve
    geoffrey georg george georges georgios gerald geraldine gerard gerd gerda gergely gerhard gheorghe giacomo
    gianna gianni gijs gilles gina giorgia giorgio giorgos giovanna giovanni gisela giulia giulio giuseppe gizem
    gloria goncalo gonzalo goran gordon grayson grazyna greg gregor gregory greta greyson grzegorz gudrun guenther
    guido guillaume gulsen gunnar gunter gunther gustav guy hadrien hailey hakan halina hamza hana hanna hannah
    hanne hannes hans harald harold harry haruka haruto hasan hassan hatice hayriye heather hector hedwig hege heidi
    heike heikki heiko heinrich heinz helen helena helene helga helmut hendrik henri henrik henrike henry herbert
    hermann hilde hildegard hiroko hiroshi holger horst hristo hubert hugo huong huseyin ian ibrahim ida ignacio
    igor ikram ilaria ilkka ilona ilse imran ines inga inge ingeborg ingo ingrid ioana ioannis ion ionut irena irene
    irina irma irmgard isaac isabel isabella isabelle isaiah isidora iskander isla ismail istvan ivan ivana ivo
    ivona iwona izabela jaakko jaana jacek jacob jacqueline jacques jadwiga jakob jakub james jamie jan jana jane
    janet janina janine jannik janusz jari jarmo jaroslav jasmin jasmina jasmine jason jasper javier jaxon jaxson
    jayden jean jeanne jeff jeffrey jelena jelle jennifer jenny jens jeremiah jeremy jeroen jerome jerry jerzy
    jesper jessica jesus jill jim jimena jing jiri jitka joachim joan joana joanna joao joaquin jochen joe joel
    joelle joerg johan johann johanna johannes john johnny jolanda jolanta jonas jonathan joost jorg jorge jorgen
    jose josef josefa josefine joseph joshua josiah josip jouni jovana joyce jozef juan juana judith juergen juha
    juhani jukka jules julia julian juliana julie julien juliette junko jurgen jussi justin justine justyna jutta
    kaan kadir kai kaito kalle kamil kamila karel karen kari karim karin karina karl karla karol karolina karsten
    kasper katalin katarina katarzyna kate katerina katharina katherine kathleen kathrin kathy katia katja katrin
    kavita kay kayden kazimierz kazuki kazuo keiko keisuke keith kemal ken kenji kenneth kenta kerstin kevin khaled
    khalid kim kimberly kirsi kirsten kjell klaas klara klaus kofi konrad konstantin konstantinos kostas kristian
    kristin kristina kristine kristoffer krisztina krystyna krzysztof kumar kurt kwame kyle lakshmi landon lara
    larissa larry lars lasse laszlo laura laure lauren laurence laurent lauri layla lea leah leena leila lena lenka
    lennart leo leon leonard leonardo leonie leonor leslie leszek leticia levente liam lidia lieke liesbeth liisa
    lili lilian liliana lillian lilly lina linda linh linnea linus lionel lisa lise liselotte liu livia ljiljana
    loic lorena lorenzo lotte louis louisa louise lourdes lubomir lubos luc luca lucas lucia luciana lucie lucy
    ludmila ludovic ludwig luigi luis luisa luise luiz lukas lukasz luke lydia maarten machiko maciej maddalena
    madeleine madelyn magda magdalena magnus mahmoud maikel maite maja maksim malgorzata malin malte mandy manfred
    manoj manon manuel manuela marc marcel marcela marcelo marcin marco marcos marcus marek maren margaret margareta
    margarita margaux margit margot maria mariam marian mariana marianne marie marieke marija marijke marilyn marina
    mario marion marisa marit marius mariusz marjan marjolein mark marko markus marleen marlene marta martha martin
    martina martine marton mary maryam matej mateo mateusz mathias mathieu mathilde matias matt matteo matthew
    matthias matthieu matti mattias maud maureen maurice mauro maxime maximilian megan mehdi mehmet mei meike
    melanie melina melissa meltem mercedes merve mia michael michaela michal michel michele michelle mieczyslaw
    miguel mihai mika mikael mike mikhail mikko milan milena milica minh minjun mira mirela miriam mirjam miroslav
    mohamed mohammad mohammed mohit moira mona monica monika monique montserrat moritz morten muhammad murat mustafa
    myriam nadia nadine nadja nanami nancy naoko naomi natalia natalie natasha nathalie nathan neha nele ngozi
    nguyen niamh nicholas nick nico nicola nicolas nicole nicolo niels nihal nikhil nikita niklas nikola nikolai
    nikolaos nikolas nikos nils nina nino nisha noa noah noel noemi nolan nomsa nora norbert norman nour nuno oceane
    odile okan oksana olaf ole oleg oleksandr olena olga oliver olivia olivier olof oluwaseun omar ondrej onur oriol
    orla orsolya oscar oskar osman ottavia otto owen ozge pablo paivi pamela panagiotis paola paolo pascal pascale
    patricia patrick patrik patrizia paul paula paulina pauline paulo pavel pawel pedro peggy pekka pelle penelope
    penka per pernille peter petr petra petros petter phil philip philipp philippe phillip pia pierre pieter pietro
    pilar piotr pirjo piroska pooja pradeep praveen priya putri quentin rachel rachid radek radka radoslav rafael
    rafal ragnhild rahul raimund rainer raj rajesh ralf ralph ramesh ramon ramona randy raphael raquel raul ravi
    rebecca regina reiner reinhard renata renate rene renske ricarda riccardo richard riley risto rita ritva robert
    roberta roberto robin rocio rodrigo roger rohan rohit roksana roland rolf romain roman ronald rosa rosario
    rosemary roswitha roxana ruben rudolf rui rupert ruslan russell rutger ruth ruud ryan sabina sabine sabrina
    sachin saki sakura sally salma salvatore samantha samir samuel sandeep sander sandra sandrine sanja sanjay sanna
    sanne santiago sara sarah sari saskia satoshi scarlett scott sean sebastian selim selin selma seoyeon seppo
    serena serge sergei sergey sergio serkan shabnam shannon sharon sheila shirley shota shreya sibel sigrid silas
    silke silvia simon simona simone sinead siobhan sipho siti skylar slavica slawomir snezana sofia sofie solene
    solveig sonia sonja soo sophia sophie soren spyros stacy stan stanislav stanislaw stefan stefania stefanie
    stefano steffen stelios stella stephan stephane stephanie stephen steve steven stijn stine stuart sture sudha
    sunil sunita suresh susan susana susanne suzanne svein sven svenja svetlana sylvia sylvie sylwia szymon tadeusz
    takashi takeshi tamara tamas tania tanja tapio tarik tariq tatiana tatjana tatyana ted teemu teresa tereza terje
    thabo thanh thea theo theodore theresa therese thibault thierry thijs thomas thorsten tiago tibor tiffany tiina
    tim timo timothy tina tobias tobiasz todd tom tomas tomasz tommaso tomoko toni tony torben torsten tracy travis
    trine trond tuan tuncay tuomas tuulikki tyler ulf uli ulla ulrich ulrike umut ursula urszula ute uwe vaclav
    valentin valentina valeria valerie vanessa vanja vasile vasiliki vasilis vedran vera verena veronica veronika
    veronique vesna vicente vicki victor victoria vijay vikram viktor viktoria ville vilma vinay vincent vincenza
    vincenzo vinod viola violeta virginie vivian vlad vladimir vladislav vojtech volker volodymyr waldemar walter
    waltraud wanda wanjiku wayne wei wendy werner wesley wiebke wieslaw wiktor wilhelm willem william wilma wim
    wioletta wojciech wolfgang wyatt xavier xiaoming yann yannick yannis yara yasemin yasmin yasmine yasuko yildiz
    yilmaz yoko yolanda yosef youness youssef yuki yuko yulia yuri yusra yusuf yvan yves yvonne zachary zahra
    zbigniew zdenek zdenka zeljko zeynep zoe zoey zofia zoltan zoran zsofia zsolt zsuzsanna zuzana zuzanna
    александр алексей анастасия андрей андрій анна антон артем валентина василий виктор виктория виталий владимир
    галина дарья денис дмитрий евгений евгения екатерина елена иван игорь ирина кирилл константин кристина ксения
    лариса людмила максим марина мария микола михаил надежда наталья наталія николай оксана олег олександр олена ольга
    павел петр роман светлана сергей сергій татьяна тетяна юлия юрий ірина
    γιαννης γιωργος δημητρης ελενη κωστας μαρια νικος
    """)
"""Common first names in Europe, the Americas, India and East Asia, in small letters without accents; of names that are
words, too (`grace`, `may`), or places (`sofia` is both), only the most frequent ones."""
NAMES_AND_WORDS: Final = words("""
    addison ama amber angel april aria art austin autumn beau bella beverly bill bradley brooklyn brooks can carson
    carter chance charlotte chase cooper cora cruz dale dean dolores drew easton florence gene genesis grace grant
    harper hazel holly hope howard hudson hunter ivy jack jade jameson jordan june kelly kennedy lawrence levi li
    lily lincoln luna madison maverick max may maya mila miles ming nova nur olive paige paisley paris parker pat
    pearl penny piper ray reed rich rob rose roy ruby saga sage savannah sterling summer violet virginia wade will
    willie willow wren
    """)
"""First names that are words or places, too: they count behind a title or a person's own words only."""
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
"""The mark that distinguishes й from и; all other marks are left out."""


def is_person(text: str) -> bool:
    """Whether two to four words are a name: of letters alone, one of them a common first name.

    >>> is_person("jane-doe"), is_person("Doe, Jane"), is_person("user manual"), is_person("jane")
    (True, True, False, False)
    """
    parts = plain_parts(text.replace(",", " "))
    return 2 <= len(parts) <= 4 and all(part.isalpha() for part in parts) and not FIRST_NAMES.isdisjoint(parts)
