"""Hosts of search engines, social networks and web mail in all regions, beside those of `referrer_sources`.

This is a list by others, and no place for additions: facts from the database of Snowplow's referer-parser 0.4.1 (Apache
License 2.0), which goes back to Matomo's list of search engines and social networks (CC0).
"""

from __future__ import annotations

from typing import Final

LISTED: Final[dict[str, str]] = {
    "search": """
1und1: search.1und1.de
360.cn: so.360.cn
ABCsk: abcsolk.no verden.abcsok.no
AOL: alicesuche.aol.de alicesuchet.aol.de aolbusqueda.aol.com.mx aolimages.aol.fr aolrecherche.aol.fr
AOL: aolrecherches.aol.fr aolsearch.aol.co.uk aolsearch.aol.com find.web.aol.com recherche.aol.ca recherche.aol.fr
AOL: search-intl.netscape.com search.aol.it search.hp.my.aol.com.au search.hp.my.aol.de search.hp.my.aol.it
AOL: suche.aol.de suche.aolsvc.de sucheaol.aol.de suchet2.aol.de
APOLL07: apollo7.de
Abacho: abacho.at abacho.ch abacho.co.uk abacho.com abacho.de abacho.es abacho.fr abacho.it
Acoon: acoon.de
Alexa: alexa.com
Alice Adsl: rechercher.aliceadsl.fr
AllTheWeb: alltheweb.com
Altavista: altavista.com altavista.de altavista.fr
Amazon: amazon.com
Apontador: apontador.com.br
Aport: sm.aport.ru
Arcor: arcor.de
Arianna: arianna.com arianna.libero.it
Ask: ask.co.uk ask.reference.com askkids.com qbyrd.com search-results.com
Atlas: searchatlas.centrum.cz
Austronaut: www1.astronaut.at www2.austronaut.at
Babylon: search.babylon.com searchassist.babylon.com
Baidu: web.gougou.com
Biglobe: cgi.search.biglobe.ne.jp
Bing: cc.bingj.com dizionario.it.msn.com msnbc.msn.com
Blogdigger: blogdigger.com
Blogpulse: blogpulse.com
Bluewin: search.bluewin.ch
Centrum: morfeo.centrum.cz serach.centrum.cz
Certified-Toolbar: search.certified-toolbar.com
Charter: charter.net
Clix: pesquisa.clix.pt
Compuserve: websearch.cs.com
Conduit: search.conduit.com
Crawler: crawler.com
Cuil: cuil.com
Daemon search: daemon-search.com
Dalesearch: dalesearch.com
DasOertliche: dasoertliche.de
DasTelefonbuch: www1.dastelefonbuch.de
Delfi: otsing.delfi.ee
Delfi latvia: smart.delfi.lv
Digg: digg.com
El Mundo: ariadna.elmundo.es
Eniro: eniro.se
Eurip: eurip.com
Euroseek: euroseek.com
Everyclick: everyclick.com
Exalead: exalead.fr
Excite: excite.co.jp msxml.excite.com search.excite.co.uk search.excite.de search.excite.fr search.excite.it
Excite: search.excite.nl serach.excite.es
Fast Browser Search: fastbrowsersearch.com
Findwide: search.findwide.com
Fireball: fireball.de
Firstfind: firstsfind.com
Fixsuche: fixsuche.de
Flix: flix.de
Forestle: forestle.mobi forestle.org
Francite: recherche.francite.com
Free: search.free.fr search1-1.free.fr search1-2.free.fr
Freecause: search.freecause.com
Freenet: suche.freenet.de
Freshweather: fresh-weather.com
FriendFeed: friendfeed.com
GAIS: gais.cs.ccu.edu.tw
Genieo: search.genieo.com
Geona: geona.net
Gigablast: gigablast.com
Globososo: search.globososo.com searches.globososo.com
Gnadenmeer: gnadenmeer.de
Gomeo: gomeo.com
Google: cnn.com darkoogle.com fastweb.it find.tdc.dk google.it.ao googleearth.de googleearth.fr
Google: googlesyndicatedsearch.com gooofullsearch.com isearch.avg.com search.alot.com search.avg.com search.foxtab.com
Google: search.hiyo.com search.incredibar.com search.incredimail.com search.juno.com search.sweetim.com
Google: search.walla.co.il search1.incredimail.com search2.incredimail.com search3.incredimail.com
Google: search4.incredimail.com searchresults.verizon.com webcache.googleusercontent.com
Google Blogsearch: blogsearch.google.ac blogsearch.google.ad blogsearch.google.ae blogsearch.google.am
Google Blogsearch: blogsearch.google.as blogsearch.google.at blogsearch.google.az blogsearch.google.ba
Google Blogsearch: blogsearch.google.be blogsearch.google.bf blogsearch.google.bg blogsearch.google.bi
Google Blogsearch: blogsearch.google.bj blogsearch.google.bs blogsearch.google.by blogsearch.google.ca
Google Blogsearch: blogsearch.google.cat blogsearch.google.cc blogsearch.google.cd blogsearch.google.cf
Google Blogsearch: blogsearch.google.cg blogsearch.google.ch blogsearch.google.ci blogsearch.google.cl
Google Blogsearch: blogsearch.google.cm blogsearch.google.cn blogsearch.google.co.bw blogsearch.google.co.ck
Google Blogsearch: blogsearch.google.co.cr blogsearch.google.co.id blogsearch.google.co.il blogsearch.google.co.in
Google Blogsearch: blogsearch.google.co.jp blogsearch.google.co.ke blogsearch.google.co.kr blogsearch.google.co.ls
Google Blogsearch: blogsearch.google.co.ma blogsearch.google.co.mz blogsearch.google.co.nz blogsearch.google.co.th
Google Blogsearch: blogsearch.google.co.tz blogsearch.google.co.ug blogsearch.google.co.uk blogsearch.google.co.uz
Google Blogsearch: blogsearch.google.co.ve blogsearch.google.co.vi blogsearch.google.co.za blogsearch.google.co.zm
Google Blogsearch: blogsearch.google.co.zw blogsearch.google.com blogsearch.google.com.af blogsearch.google.com.ag
Google Blogsearch: blogsearch.google.com.ai blogsearch.google.com.ar blogsearch.google.com.au blogsearch.google.com.bd
Google Blogsearch: blogsearch.google.com.bh blogsearch.google.com.bn blogsearch.google.com.bo blogsearch.google.com.br
Google Blogsearch: blogsearch.google.com.by blogsearch.google.com.bz blogsearch.google.com.co blogsearch.google.com.cu
Google Blogsearch: blogsearch.google.com.cy blogsearch.google.com.do blogsearch.google.com.ec blogsearch.google.com.eg
Google Blogsearch: blogsearch.google.com.et blogsearch.google.com.fj blogsearch.google.com.gh blogsearch.google.com.gi
Google Blogsearch: blogsearch.google.com.gt blogsearch.google.com.hk blogsearch.google.com.jm blogsearch.google.com.kh
Google Blogsearch: blogsearch.google.com.kw blogsearch.google.com.lb blogsearch.google.com.lc blogsearch.google.com.ly
Google Blogsearch: blogsearch.google.com.mt blogsearch.google.com.mx blogsearch.google.com.my blogsearch.google.com.na
Google Blogsearch: blogsearch.google.com.nf blogsearch.google.com.ng blogsearch.google.com.ni blogsearch.google.com.np
Google Blogsearch: blogsearch.google.com.om blogsearch.google.com.pa blogsearch.google.com.pe blogsearch.google.com.ph
Google Blogsearch: blogsearch.google.com.pk blogsearch.google.com.pr blogsearch.google.com.py blogsearch.google.com.qa
Google Blogsearch: blogsearch.google.com.sa blogsearch.google.com.sb blogsearch.google.com.sg blogsearch.google.com.sl
Google Blogsearch: blogsearch.google.com.sv blogsearch.google.com.tj blogsearch.google.com.tn blogsearch.google.com.tr
Google Blogsearch: blogsearch.google.com.tw blogsearch.google.com.ua blogsearch.google.com.uy blogsearch.google.com.vc
Google Blogsearch: blogsearch.google.com.vn blogsearch.google.cv blogsearch.google.cz blogsearch.google.de
Google Blogsearch: blogsearch.google.dj blogsearch.google.dk blogsearch.google.dm blogsearch.google.dz
Google Blogsearch: blogsearch.google.ee blogsearch.google.es blogsearch.google.fi blogsearch.google.fm
Google Blogsearch: blogsearch.google.fr blogsearch.google.ga blogsearch.google.gd blogsearch.google.ge
Google Blogsearch: blogsearch.google.gf blogsearch.google.gg blogsearch.google.gl blogsearch.google.gm
Google Blogsearch: blogsearch.google.gp blogsearch.google.gr blogsearch.google.gy blogsearch.google.hn
Google Blogsearch: blogsearch.google.hr blogsearch.google.ht blogsearch.google.hu blogsearch.google.ie
Google Blogsearch: blogsearch.google.im blogsearch.google.io blogsearch.google.iq blogsearch.google.is
Google Blogsearch: blogsearch.google.it blogsearch.google.it.ao blogsearch.google.je blogsearch.google.jo
Google Blogsearch: blogsearch.google.kg blogsearch.google.ki blogsearch.google.kz blogsearch.google.la
Google Blogsearch: blogsearch.google.li blogsearch.google.lk blogsearch.google.lt blogsearch.google.lu
Google Blogsearch: blogsearch.google.lv blogsearch.google.md blogsearch.google.me blogsearch.google.mg
Google Blogsearch: blogsearch.google.mk blogsearch.google.ml blogsearch.google.mn blogsearch.google.ms
Google Blogsearch: blogsearch.google.mu blogsearch.google.mv blogsearch.google.mw blogsearch.google.ne
Google Blogsearch: blogsearch.google.nl blogsearch.google.no blogsearch.google.nr blogsearch.google.nu
Google Blogsearch: blogsearch.google.pl blogsearch.google.pn blogsearch.google.ps blogsearch.google.pt
Google Blogsearch: blogsearch.google.ro blogsearch.google.rs blogsearch.google.ru blogsearch.google.rw
Google Blogsearch: blogsearch.google.sc blogsearch.google.se blogsearch.google.sh blogsearch.google.si
Google Blogsearch: blogsearch.google.sk blogsearch.google.sm blogsearch.google.sn blogsearch.google.so
Google Blogsearch: blogsearch.google.st blogsearch.google.td blogsearch.google.tg blogsearch.google.tk
Google Blogsearch: blogsearch.google.tl blogsearch.google.tm blogsearch.google.to blogsearch.google.tt
Google Blogsearch: blogsearch.google.us blogsearch.google.vg blogsearch.google.vu blogsearch.google.ws
Google Video: video.google.com
Goyellow.de: goyellow.de
Gule Sider: gulesider.no
HighBeam: highbeam.com
Hit-Parade: hit-parade.com
Holmes: holmes.ge
Hooseek.com: hooseek.com
Hotbot: hotbot.com
I-play: start.iplay.com
ICQ: icq.com
IXquick: ixquick.de
Icerockeet: blogs.icerocket.com
Ilse: ilse.nl
InfoSpace: clusty.com infospace.com isearch.babylon.com metacrawler.com search.kiwee.com search.magnetic.com
InfoSpace: search.searchcompletion.com start.facemoods.com webfetch.com
Interia: google.interia.pl
Jungle Key: junglekey.com junglekey.fr
Jungle Spider: jungle-spider.de
Jyxo: jyxo.1188.cz
Kataweb: kataweb.it
Kvasir: kvasir.no
La Toile Du Quebec Via Google: toile.com
Latne: latne.lv
Looksmart: looksmart.com
Lycos: lycos.com
Mamma: mamma.com
Marktplaats: marktplaats.nl
Maxwebsearch: maxwebsearch.com
Meinestadt: meinestadt.de
Meta: meta.ua
MetaCrawler.de: s1.metacrawler.de s2.metacrawler.de s3.metacrawler.de
Metager: meta.rrzn.uni-hannover.de
Metager2: metager2.de
Mister Wong: mister-wong.com mister-wong.de
Monstercrawler: monstercrawler.com
Mozbot: mozbot.co.uk mozbot.com mozbot.fr
MySearch: kf.mysearch.myway.com ki.mysearch.myway.com mysearch.com search.myway.com search.mywebsearch.com
Najdi: najdi.si
Nate: search.nate.com
Naver Images: imagesearch.naver.com
Needtofind: ko.search.need2find.com
Neti: neti.ee
Nifty: search.nifty.com
Nigma: nigma.ru
Onet: szukaj.onet.pl
Online.no: online.no
Opplysningen 1881: 1881.no
Orange: busca.orange.es search.orange.co.uk
Paperball: paperball.de
PeoplePC: search.peoplepc.com
Picsearch: picsearch.com
PriceRunner: pricerunner.co.uk
Qualigo: qualigo.at qualigo.ch qualigo.de qualigo.nl
Rakuten: websearch.rakuten.co.jp
Road Runner Search: search.rr.com
Sapo: pesquisa.sapo.pt
Search.ch: search.ch
Search.com: search.com
SearchCanvas: searchcanvas.com
Searchalot: searchalot.com
Searchy: searchy.co.uk
Sharelook: sharelook.fr
Skynet: skynet.be
Snapdo: search.snapdo.com
Softonic: search.softonic.com
Sogou: sougou.com
Startpagina: startgoogle.startpagina.nl
Startsiden: startsiden.no
Suchmaschine.com: suchmaschine.com
Suchnase: suchnase.de
T-Online: brisbane.t-online.de navigationshilfe.t-online.de suche.t-online.de
Technorati: technorati.com
Teoma: teoma.com
Terra: buscador.terra.cl buscador.terra.com.br buscador.terra.es
Tiscali: hledani.tiscali.cz search-dyn.tiscali.it search.tiscali.it
Tixuma: tixuma.de
Toolbarhome: toolbarhome.com
Trouvez.com: trouvez.com
TrovaRapido: trovarapido.com
Trusted-Search: trusted--search.com
Twingly: twingly.com
URL.ORGanizier: url.org
Vinden: vinden.nl
Vindex: vindex.nl
Virgilio: mobile.virgilio.it ricerca.virgilio.it ricercaimmagini.virgilio.it ricercanews.virgilio.it
Virgilio: ricercavideo.virgilio.it
Voila: lemoteur.fr search.ke.voila.fr
Volny: web.volny.cz
WEB.DE Suche: m.suche.web.de suche.web.de
WWW: search.www.ee
Walhello: walhello.com walhello.de walhello.info walhello.nl
WebSearch: websearch.com
Winamp: search.winamp.com
Wirtualna Polska: szukaj.wp.pl
Witch: witch.de
X-recherche: x-recherche.com
Yahoo: cercato.it search.offerbox.com yahoo.co.jp yahoo.com ys.mirostart.com
Yahoo Images: image.yahoo.cn
Yam: search.yam.com
Yandex: yandex.ua
Yandex Images: images.yandex.ua
Yasni: yasni.at yasni.ch yasni.co.uk yasni.com yasni.de
Yatedo: yatedo.com yatedo.fr
Yippy: search.yippy.com
YouGoo: yougoo.fr
Zapmeta: zapmeta.com zapmeta.de zapmeta.nl
Zhongsou: p.zhongsou.com
Zoek: www3.zoek.nl
Zoeken: zoeken.nl
Zoohoo: zoohoo.cz
all.by: all.by
arama: arama.com
blekko: blekko.com
canoe.ca: web.canoe.ca
dmoz: dmoz.org
earthlink: search.earthlink.net
goo: ocnsearch.goo.ne.jp search.goo.ne.jp
maailm: maailm.com
qip: search.qip.ru
soso.com: soso.com
suche.info: suche.info
uol.com.br: busca.uol.com.br
""",
    "social": """
Badoo: badoo.com
Bebo: bebo.com
BlackPlanet: blackplanet.com
Classmates: classmates.com
Cyworld: global.cyworld.com
Delicious: delicious.com
Disqus: disq.us disqus.com
Donanimhaber: donanimhaber.com
Douban: douban.com
Eksi Sozluk: sourtimes.org sozluk.com
Flixster: flixster.com
Fotolog: fotolog.com
Foursquare: foursquare.com
Friends Reunited: friendsreunited.com
Friendster: friendster.com
Gaia Online: gaiaonline.com
Geni: geni.com
Habbo: habbo.com
Hocam.com: hocam.com
Hyves: hyves.nl
Identi.ca: identi.ca
Inci Sozluk: inci.sozlukspot.com incisozluk.cc incisozluk.com
Instela: instela.com
Last.fm: lastfm.ru
LiveJournal: livejournal.ru
Mail.ru: my.mail.ru
Mixi: mixi.jp
MoiKrug.ru: moikrug.ru
Multiply: multiply.com
MyHeritage: myheritage.com
MyLife: mylife.ru
Myspace: myspace.com
Nasza-klasa.pl: nk.pl
Netlog: netlog.com
Odnoklassniki: odnoklassniki.ru
Orkut: orkut.com
Paper.li: paper.li
Plaxo: plaxo.com
Qzone: qzone.qq.com
Renren: renren.com
Skyrock: skyrock.com
Sonico.com: sonico.com
SourceForge: sourceforge.net
StudiVZ: studivz.net
StumbleUpon: stumbleupon.com
Taringa: taringa.net
Tuenti: tuenti.com
Uludag Sozluk: uludagsozluk.com ulusozluk.com
Viadeo: viadeo.com
Vimeo: vimeo.com
WeeWorld: weeworld.com
Xanga: xanga.com
hi5: hi5.com
myYearbook: myyearbook.com
vKruguDruzei.ru: vkrugudruzei.ru
""",
    "email": """
126 Mail: mail.126.com
163 Mail: mail.163.com
Bigpond: webmail.bigpond.com webmail2.bigpond.com
Daum Mail: mail2.daum.net
Mynet Mail: mail.mynet.com
Naver Mail: mail.naver.com
Optus Zoo: webmail.optuszoo.com.au
QQ Mail: mail.qq.com
Yahoo Mail: mail.yahoo.co.uk mail.yahoo.net
""",
}
"""Kind → lines of a service's name and its hosts; a host includes its subdomains."""
