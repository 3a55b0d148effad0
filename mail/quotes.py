"""How mail programs announce what was written before, in the languages that customers write: data only.

Each list is a piece of a regular expression without capturing groups; `mail.newtext` joins them.
"""

VERBS = (
    # en, pt, es, ca, gl, fr, it, ro
    r"wrote|writes|escreveu|escribió|escribio|va escriure|ha escrit|escribiu|a [ée]crit|ha scritto|scrisse|a scris",
    # de, nl, af, da, no, sv, fi, is
    r"schrieb|hat geschrieben|geschrieben|schreef|het volgende geschreven|heeft geschreven|skryf|geskryf|skrev|kirjoitti|skrifaði",
    # pl, cs, sk, sl, hr, hu, lt, lv, et
    r"napisał(?:\(a\)|a)?|pisze|(?:napisana|wysłana) przez|napsal(?:\(a\)|a)?|napísal(?:\(a\)|a)?|je napisala?|je napisal(?:/a)?|napisao(?:/la)?|napisala|"
    r"írta|ezt írta|rašė|rakstīja|kirjutas",
    # ru, uk, bg, sr, el
    r"написал(?:\(а\)|а)?|пишет|писал(?:\(а\)|а)?|написав(?:\(ла\)|ла)?|пише|написа|напис[аи]о|έγραψε",
    # tr, vi, id, he, ar, fa, hi
    r"yazdı|şunları yazdı|şunu yazdı|đã viết|menulis|כתב|כתבה|‫כתב|كتب|نوشت|ने लिखा",
    # ja, zh, ko, th
    r"のメッセージ|のメール|は書きました|さんは書きました|wrote|写道|寫道|写到|님이 작성|작성|เขียน",
)

LEADS = (
    r"On|Em|No dia|A|Na|Às|El|Le|Il|Il giorno|In data|Am|Op|Den|Dne|Dňa|Dnia|W dniu|Pe|În data|Την|Στις|Vào|Pada|"
    r"Dana|În|In a message dated|Tarih|Kl\.?|В|У|На|In article|Citando|Quoting|Zitat von|"
    r"Le message de|Em data de|Data|Ativado|På|V|Lo|Kuupäev"
)

WEEKDAYS = (
    r"mon|tue|wed|thu|fri|sat|sun|seg|ter|qua|qui|sex|s[áa]b|dom|lun|mar|mi[ée]|jue|vie|mer|jeu|ven|sam|dim|gio|mo|di|mi|do|fr|sa|so|"
    r"man|tir|ons|tor|fre|l[øö]r|s[øö]n|ma|ti|ke|to|pe|la|su|pon|wt|[śs]r|czw|pt|sob|ndz|niedz|po|út|st|čt|pá|ne|пн|вт|ср|чт|пт|сб|вс|нд|"
    r"понедельник|вторник|среда|четверг|пятница|суббота|воскресенье"
)

# Field names of a header block, by what they tell.
FIELDS = {
    "from": r"From|De|No(?=: .{1,60}@)|Von|Da|Van|Fra|Från|Od|Lähettäjä|Feladó|От|Від|От кого|发件人|寄件者|寄件人|發件人|差出人|送信者|보낸 사람|보낸사람|Kimden|Gönderen|Από|Expeditor|De la|מאת|من|Nuo|Odesílatel|Odosielateľ|Remitente|Remetente|Expéditeur|Absender|Afzender|Avsändare|Mittente|Nadawca|Šalje|Saatja|Từ|Dari|จาก|Frá",
    "sent": r"Sent|Date|Enviad[oa](?: em| el)?|Data|Fecha|Envoyé(?: le)?|Date d'envoi|Gesendet(?: am)?|Datum|Inviato(?: il)?|Verzonden(?: op)?|Sendt|Dato|Skickat|Wysłan[oay]|Data wysłania|Lähetetty|Päivä|Päiväys|Küldve|Elküldve|Dátum|Отправлено|Дата|Надіслано|发送时间|發送時間|日期|寄件日期|送信日時|日時|日付|보낸 날짜|날짜|Gönderildi|Gönderilme|Gönderilme tarihi|Tarih|Ημερομηνία|Στάλθηκε|Trimis|Odesláno|Odoslané|נשלח|تاريخ|التاريخ|Poslano|Siųsta|Išsiųsta|Nosūtīts|Saadetud|Đã gửi|Dikirim|ส่ง|Изпратено|Enviat(?: el)?|Message du|Em|Saatmisaeg",
    "to": r"To|Para|A|À|An|Aan|Til|Till|Do|Vastaanottaja|Címzett|Кому|收件人|收件者|宛先|받는 사람|받는사람|Kime|Alıcı|Προς|Către|Komu|אל|إلى|Destinatário|Destinatario|Destinataire|Empfänger|До|Prima|Za|Kam|Adressaat|Tới|Kepada|ถึง|Per a",
    "cc": r"Cc|CC|Bcc|Cco|Copia|Cópia|Copie à|Kopie|Kopia|Kopi|Kopio|DW|Копия|Копія|抄送|副本|참조|Másolat",
    "subject": r"Subject|Assunto|Asunto|Objet|Betreff|Oggetto|Onderwerp|Emne|Ämne|Temat|Aihe|Tárgy|Тема|主题|主旨|主題|件名|제목|Konu|Θέμα|Subiect|Předmět|Predmet|Assumpte|נושא|الموضوع|Tema|Tēma|Teema|Относно|Zadeva|Chủ đề|Subjek|เรื่อง|Efni",
    "reply": r"Reply-To|Responder a|Antwort an|Répondre à|Organi[sz]ation|Importance|Priority|Attachments|Anexos|Anlagen|Importância|Prioridade",
}

# Between dashes: the old mail follows.
ORIGINAL = (
    r"original message|message original|reply message|original e-?mail|mensagem original|mensaje original|missatge original|message d'origine|message d’origine|"
    r"ursprüngliche nachricht|urspr[üu]ngliche e-?mail|originalnachricht|antwort nachricht|messaggio originale|messaggio originario|oorspronkelijk(?:e)? bericht|origineel bericht|"
    r"oprindelig (?:meddelelse|besked|mail|e-?mail)|original(?:t)? (?:meddelelse|melding|meddelande|besked)|opprinnelig melding|ursprungligt meddelande|originalmeddelande|"
    r"wiadomość oryginalna|oryginalna wiadomość|pierwotna wiadomość|původní (?:zpráva|e-?mail)|pôvodná správa|izvorno sporočilo|izvorna poruka|eredeti üzenet|alkuperäinen viesti|"
    r"mesaj original|исходное сообщение|оригинальное сообщение|оригінальне повідомлення|orijinal (?:mesaj|ileti)|özgün ileti|αρχικό μήνυμα|tin nhắn gốc|"
    r"원본 메시지|원본 메일|original message|元のメッセージ|原始邮件|原始郵件|原邮件|הודעה מקורית|الرسالة الأصلية|pesan asli"
)
REPLY_ABOVE = (
    r"(?:please )?(?:type|write|enter|reply) (?:your )?(?:reply|response|answer)?\s*(?:above|over) this line|reply above this line|"
    r"(?:por favor,? )?(?:responda|escreva|digite)(?: a sua resposta| sua resposta)? acima desta linha|responde por encima de esta línea|"
    r"répondre au-dessus de cette ligne|bitte (?:über|oberhalb) dieser (?:linie|zeile) antworten"
)

# A forward keeps what was forwarded.
FORWARD = (
    r"forwarded message|forwarded by .{1,80}|begin forwarded message|forwarded email|fwd|mensagem encaminhada|mensagem reencaminhada|início da mensagem (?:re)?encaminhada|"
    r"inicio de la mensaje reenviado|mensaje reenviado|inicio del mensaje reenviado|missatge reenviat|message transféré|message réexpédié|début du message (?:transféré|réexpédié)|"
    r"weitergeleitete nachricht|weitergeleitete e-?mail|anfang der weitergeleiteten (?:nachricht|e-?mail)|messaggio inoltrato|inizio messaggio inoltrato|doorgestuurd bericht|"
    r"begin doorgestuurd bericht|videresendt (?:meddelelse|besked|melding)|start på videresendt (?:besked|melding)|vidarebefordrat (?:meddelande|mejl)|vidarebefordrat brev|"
    r"przekazana wiadomość|wiadomość przekazana dalej|przeposlaná zpráva|preposlaná správa|továbbított üzenet|välitetty viesti|edelleenlähetetty viesti|"
    r"пересылаемое сообщение|пересланное сообщение|перенаправленное сообщение|переслане повідомлення|iletilen mesaj|yönlendirilen ileti|προωθημένο μήνυμα|"
    r"mesaj redirecționat|転送メッセージ|転送されたメッセージ|转发的邮件|转发邮件|轉寄郵件|전달된 메시지|הודעה שהועברה|رسالة معاد توجيهها"
)

# Things that send mail, so that "Enviado de Lisboa" remains a sentence: by brand, and by what a telephone is called.
_BRAND = (
    r"(?:iphone|айфон|ipad|ipod|\bios\b|android|samsung|galaxy|xiaomi|redmi|huawei|motorola|\bmoto\b|nokia|\blg\b|\bhtc\b|sony|xperia|pixel|blackberry|"
    r"outlook|yahoo|gmail|hotmail|proton|airmail|mailbox|thunderbird|windows|spark|bluemail|\bzoho|\bgmx\b|web\.de|seznam|yandex|яндекс|mail\.ru)"
)
_THING = (
    r"(?:m[oó]bil|m[oó]vil|mobile|мобильн|telem[óo]vel|celular|tel[eé][fp]h?on|телефон|τηλέφων|telefoon|komór|cellulare|smartphone|smartfon|смартфон|tablet|планшет|handy\b|dispositiv|device|ger[äa]t|"
    r"устройств|пристро|urządze|appareil|aparelho|toestel|phone|\bcell\b|\bapp\b|aplicativo|aplica[çc]|aplikac|điện thoại|ponsel|هاتف)"
)
# Programs called "Mail": with the system they are for, or the house they are of; "enviado por e-mail" is a sentence.
_POST = (
    r"(?:(?:\bmail|e-?mail|correio|correo|courrier|posta|poczt\w{0,3}|e-?post|почт\w{0,2}|пошт\w{0,2}|pošt\w{0,2}) (?:para|for|für|pour|per|voor|til|för|dla|pro|для) (?:ios|android|windows|mac|iphone)|"
    r"(?:uol|bol|terra|ig|k-9|fair|libero|sapo|aol|icloud|orange|free|laposte) ?e?mail|aol\b)"
)
_DEVICE = f"(?:{_BRAND}|{_THING}|{_POST})"
_SENT_WORD = (
    r"(?:enviad[oa]|enviat|mandado|poslan[oa]|odeslán[oa]|odoslan[éeá]|küldve|elküldve|lähetetty|išsiųsta|saadetud|trimis|skickat|skickades|sendt|sänt|wysłan[eoay]|отправлено|надіслано|изпратено|послано|"
    r"στάλθηκε|gửi|dikirim|verzonden|verstuurd|gesendet|inviato|envoyé|sent)"
)

_PT_SENT = r"(?:enviad[oa]|mandado|mensagem enviada|e-?mail enviado|mensaje enviado)"

# What telephones and programs put below a mail. Matched against a whole line.
SENT_FROM = (
    rf"(?:sent|send|written|composed) (?:from|via|with|using) (?!(?:my|the|our) (?:desk|office|house|home|car|account|system|server)\b)(?:[^\s]{{1,20}} ){{0,3}}{_DEVICE}[^.!?]{{0,50}}[.!]?",
    r"(?:sent|written|composed) (?:from|on|with|via) my (?!(?:desk|office|house|home|car|heart|bed|couch|sofa|kitchen|department|warehouse|shop|store|company|account|team|main|server|system|address|bank|wife|husband|mother|father|friend|brother|sister)\b).{1,70}",
    # What virus scanners boast of.
    r"(?:livre de v[íi]rus|virus-?free|sin virus|libre de virus|(?:garanti )?sans virus|virenfrei|(?:privo|privato) di virus|virusvrij|virusfri|wolne? od wirusów|bez virů|без вирусов)[.!]? ?(?:(?:www\.)?[a-z]{2,20}\.com)?\s?(?:<\S{1,150})?",
    r"<?https?://(?:www\.)?(?:avast|avg)\.com/\S{0,150}>?|<?#[0-9a-f-]{36}>?",
    r"(?:este e-?mail|esta mensagem|este correo|this (?:e-?mail|message)|diese e-?mail|ce(?:t e-?mail| message| courriel)|questa e-?mail|deze e-?mail|ta wiadomość) "
    r"(?=[^.!?]{0,80}(?:verificad|escanead|analisad|analizad|comprobado|checked|scanned|geprüft|vérifié|analysé|controllat|gecontroleerd|sprawdzon))"
    r"(?=[^!?]{0,100}(?:avast|\bavg\b|v[ií]r[ue]s|eset|kaspersky|norton|mcafee|bitdefender)).{0,140}",
    rf"sent by (?:my )?{_BRAND}[^.!?]{{0,30}}\.?",
    r"from my (?:iphone|ipad|android|mobile|phone|samsung|blackberry).{0,40}|[^\s.,!?]{2,20}(?: [^\s.,!?]{2,20})? from mobile",
    rf"{_PT_SENT} (?:do|da|de|desde|pelo|por|via|a partir|usando|com|con|através) .{{0,40}}(?:{_BRAND}|{_POST})[^.!?]{{0,50}}\.?",
    rf"{_PT_SENT} (?:do|da|de|desde|pelo|pela|por (?=meu|mi )|via|a partir d[eoa]|usando|com|con|através d[eoa]) ?(?:(?:o|um|meu|minha|seu|mi|un) )*(?:[^\s]{{1,20}} )?{_THING}[^.!?]{{0,50}}\.?",
    rf"(?:desculp|perdo|please excuse|excuse|sorry|pardon|excus)[^.!?]{{0,80}}\b{_SENT_WORD} (?:from|via|do|da|de|desde|depuis|von|dal?) .{{0,30}}{_DEVICE}.{{0,40}}",
    r"(?:sent (?:from|via|with|using)|get) (?:front|superhuman|nine|newton mail|missive|shortwave|polymail|canary|edison mail|bluemail|mailspring|fastmail|tuta|tutanota)(?: for .{1,20})?\.?",
    r"(?:get|obter(?: o)?|obtener|obtenga|obtenez|obtenir|télécharger|downloaden?|baixe o|baixar o|scarica|ottieni|hent|hämta|skaffa|holen sie sich|laden sie|pobierz(?: program| aplikację)?|získat|získejte|obțineți|hanki|last ned|skaff|získajte|prenesite|preuzmite|получить|завантажити|изтеглете|obteniu) "
    r"outlook\W?\w{0,2} (?:for|para|für|pour|voor|per|til|för|pro|pre|dla(?: systemu)?|pentru|za|для|per a) (?:ios|android|mac|windows).{0,80}",
    r"outlook (?:for|para|für|pour|voor) (?:ios|android)(?: downloaden)?\W{0,3}(?:<\S{1,80})?|(?:android|ios) için outlook.{0,20}|outlook for (?:ios|android) を入手",
    rf"envoyé (?:depuis|de|à partir|avec|via) .{{0,40}}{_DEVICE}.{{0,50}}",
    r"provenance\s*: courrier.{0,60}",
    rf"(?:gesendet|geschickt|versendet) (?:von|mit|über) .{{0,40}}{_DEVICE}.{{0,50}}",
    r"von meinem .{1,60} gesendet.?|(?:diese nachricht wurde von meinem|von unterwegs) .{1,80}",
    rf"inviato (?:da|dal|dall'|con|tramite).{{0,40}}{_DEVICE}.{{0,50}}",
    rf"(?:verzonden|verstuurd|gestuurd) (?:vanaf|met|via|vanuit|van) .{{0,40}}{_DEVICE}.{{0,50}}",
    rf"(?:sendt|skickat|sänt) (?:fra|från|med|via) .{{0,40}}{_DEVICE}.{{0,50}}",
    rf"(?:lähetetty|wysłan[eoay]|odesláno|odoslan[éeá]|küldve|elküldve|отправлено|надіслано|изпратено|послано|στάλθηκε|trimis|enviat|enviado dende|poslan[oa]|saadetud|išsiųsta|skickades från) (?:[^\s]{{1,20}} ){{0,3}}?(?:{_DEVICE}|iphon).{{0,50}}",
    r"az iphone-omról küldve|(?:.{1,30}'?dan |.{1,30}'?den )gönderildi",
    r"iphoneから送信|.{0,30}から送信|发自我的.{1,30}|從我的.{1,30}傳送|发自 ?.{1,30}|나의 .{1,30}에서 보냄|.{1,30}에서 보냄|נשלח מה.{1,30}|[أا]ُ?رسلت من .{1,40}",
    rf"(?:gửi từ|dikirim dari) .{{0,30}}{_DEVICE}.{{0,40}}",
    r"sent from (?:yahoo|mailbox|airmail|outlook|windows|gmail|proton|samsung|my (?:iphone|ipad|ipod|mobile|phone|android|blackberry|galaxy|samsung|windows|htc|huawei|xiaomi)).{0,90}",
)
