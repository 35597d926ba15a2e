"""Older forms of kanji, and the forms that are written today: what a search takes for the same letter.

Sources: the list of kanji for general use (常用漢字表, Cabinet Notification No. 2 of 2010), which names in brackets
the older form beside a letter, and the table of kanji for names (人名用漢字, Enforcement Regulations of the Family
Register Act, appended table 2), which pairs older and present forms. What Unicode's form KC turns into today's letter
by itself is left out. Then forms that family names keep and keyboards hardly give.
"""

from __future__ import annotations

from typing import Final

_TABLES: Final = (
    "亞亜惡悪壓圧圍囲醫医爲為壹壱隱隠榮栄營営銳鋭衞衛驛駅悅悦閱閲圓円鹽塩緣縁艷艶應応歐欧毆殴櫻桜奧奥橫横溫温穩穏"
    "假仮價価畫画會会繪絵壞壊懷懐槪概擴拡殼殻覺覚學学嶽岳樂楽勸勧卷巻寬寛歡歓罐缶觀観關関陷陥巖巌顏顔氣気旣既歸帰"
    "龜亀僞偽戲戯犧犠擧挙虛虚峽峡挾挟狹狭鄕郷曉暁區区驅駆徑径惠恵揭掲溪渓經経繼継莖茎螢蛍輕軽鷄鶏藝芸擊撃缺欠硏研"
    "儉倹劍剣圈圏檢検權権獻献縣県險険顯顕驗験嚴厳效効廣広恆恒鑛鉱號号國国濟済碎砕齋斎劑剤雜雑參参慘惨棧桟蠶蚕贊賛"
    "殘残絲糸辭辞齒歯兒児濕湿實実舍舎寫写釋釈壽寿收収從従澁渋獸獣縱縦肅粛處処敍叙獎奨將将燒焼稱称證証乘乗剩剰壤壌"
    "孃嬢條条淨浄疊畳穰穣讓譲釀醸囑嘱觸触寢寝愼慎晉晋眞真盡尽圖図粹粋醉酔隨随髓髄數数樞枢聲声靜静齊斉攝摂竊窃專専"
    "戰戦淺浅潛潜纖繊踐践錢銭禪禅雙双壯壮搜捜插挿爭争總総聰聡莊荘裝装騷騒臟臓藏蔵屬属續続墮堕體体對対帶帯滯滞擇択"
    "澤沢單単擔担膽胆團団彈弾斷断癡痴遲遅晝昼蟲虫鑄鋳廳庁徵徴聽聴敕勅鎭鎮遞逓鐵鉄轉転點点傳伝黨党盜盗燈灯當当鬭闘"
    "德徳獨独讀読屆届繩縄貳弐惱悩腦脳霸覇廢廃拜拝賣売麥麦發発髮髪拔抜蠻蛮祕秘濱浜甁瓶拂払佛仏變変邊辺舖舗穗穂寶宝"
    "襃褒豐豊沒没飜翻槇槙萬万滿満默黙彌弥藥薬譯訳豫予餘余與与譽誉搖揺樣様謠謡遙遥來来賴頼亂乱覽覧龍竜兩両獵猟綠緑"
    "壘塁勵励禮礼隸隷靈霊齡齢曆暦歷歴戀恋爐炉勞労樓楼錄録灣湾瀨瀬瘦痩淚涙淸清靑青尙尚步歩每毎敎教說説稅税脫脱內内"
    "吳呉姬姫增増黃黄黑黒頰頬剝剥塡填麵麺餠餅畧略强強册冊舊旧飮飲渴渇據拠勳勲薰薫戶戸娛娯吿告歲歳產産緖緒涉渉奬奨"
    "狀状絕絶巢巣曾曽卽即臺台瀧滝稻稲晚晩倂併竝並戾戻鍊錬郞郎籠篭堯尭摑掴彥彦檜桧瑤瑶禰祢禱祷祿禄簞箪啞唖噓嘘鷗鴎"
    "軀躯鶯鴬攪撹麴麹鹼鹸嚙噛繡繍蔣蒋醬醤搔掻屛屏濾沪蘆芦蠟蝋彎弯焰焔礦砿讚讃繫繋瀆涜儘侭藪薮蠅蝿驒騨鬪闘亙亘凜凛"
    "晄晃萠萌顚顛"
)
"""An older form and today's, one pair after the other."""

_FAMILY_NAMES: Final = (
    "髙高﨑崎嵜崎嶋島嶌島濵浜邉辺槗橋桒桑𠮷吉栁柳曻昇冨富峯峰舘館凉涼渕淵渊淵穐秋埜野龝秋舩船𣘺橋圡土秊年"
)

TODAY: Final[dict[int, str]] = {
    ord(old): new
    for pairs in (_TABLES, _FAMILY_NAMES)
    for old, new in zip(pairs[::2], pairs[1::2], strict=True)
}
"""An older form (code point) → the form of today."""
