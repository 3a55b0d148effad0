"""What the services send, as maps that are read like an administrator's own file (I8).

Typeform: developers' pages "Example webhook payload". Formbricks: "Webhooks". Delighted: API documentation, "Webhooks".
Google Forms sends nothing by itself; the script in docs/webhook.md does, in the shape named google.
"""

RETORNO = """
each = ["answers[*]", "[*]", ""]
score = "score"
comment = "comment"
external_id = "id"
answered_at = "answered_at"
name = ["customer.name", "name"]
email = ["customer.email", "email"]
phone = ["customer.phone", "phone"]
customer_id = ["customer.id", "customer_id"]
attributes = "attributes"
[questions]
each = ["questions[*]", "questions"]
title = ["question", "key"]
said = ["answer", "value"]
"""

TYPEFORM = """
score = [
  "form_response.answers[field.ref=score].number",
  "form_response.answers[field.type=nps].number",
  "form_response.answers[field.type=opinion_scale].number",
  "form_response.answers[field.type=rating].number",
  "form_response.answers[type=number].number",
]
comment = [
  "form_response.answers[field.ref=comment].text",
  "form_response.answers[field.type=long_text].text",
  "form_response.hidden.comment",
]
external_id = "form_response.token"
answered_at = "form_response.submitted_at"
name = ["form_response.answers[field.ref=name].text", "form_response.hidden.name"]
email = ["form_response.answers[type=email].email", "form_response.hidden.email"]
phone = ["form_response.answers[type=phone_number].phone_number", "form_response.hidden.phone"]
customer_id = ["form_response.hidden.customer_id", "form_response.hidden.user_id"]
attributes = "form_response.hidden"
[when]
event_type = ["form_response"]
[questions]
each = "form_response.answers[*]"
title = ["form_response.definition.fields[id={field.id}].title", "field.ref", "field.id"]
said = ["text", "number", "choice.label", "choice.other", "choices.labels[*]", "boolean", "email", "phone_number", "date", "url"]
"""

GOOGLE = """
score = ["items[type=SCALE].answer", "items[type=RATING].answer"]
comment = "items[type=PARAGRAPH_TEXT].answer"
external_id = "id"
answered_at = "answered_at"
name = ["items[title=Nome].answer", "items[title=Nome completo].answer", "items[title=Name].answer", "items[title=Nombre].answer"]
email = ["email", "items[title=E-mail].answer", "items[title=Email].answer", "items[title=Correo electrónico].answer"]
phone = ["items[title=Telefone].answer", "items[title=Celular].answer", "items[title=Phone].answer", "items[title=Teléfono].answer"]
attributes = "attributes"
[questions]
each = "items[*]"
title = "title"
said = ["answer", "answer[*]", "answer[*][*]"]
"""

FORMBRICKS = """
each = ["[*]", ""]
score = ["data.data.score", "data.data.nps", "data.data.csat", "data.data[*:number]"]
comment = ["data.data.comment", "data.data.comentario", "data.data.feedback", "data.data[*:text]"]
external_id = "data.id"
answered_at = "data.createdAt"
name = ["data.contactAttributes.name", "data.contactAttributes.firstName", "data.data.name"]
email = ["data.contactAttributes.email", "data.data.email"]
phone = ["data.contactAttributes.phone", "data.data.phone"]
customer_id = ["data.contactAttributes.userId", "data.contact.userId"]
attributes = ["data.contactAttributes", "data.variables"]
[when]
event = ["responseFinished"]
[questions]
each = "data.data"
title = "key"
said = ["value", "value[*]"]
"""

DELIGHTED = """
score = "event_data.score"
comment = "event_data.comment"
external_id = "event_data.id"
answered_at = ["event_data.created_at", "event_data.updated_at"]
name = "event_data.person.name"
email = "event_data.person.email"
phone = "event_data.person.phone_number"
attributes = "event_data.person_properties"
[when]
event_type = ["survey_response.created", "survey_response.updated"]
[questions]
each = "event_data.additional_answers[*]"
title = "question.text"
said = ["value.free_response", "value.scale", "value.select_one.text", "value.select_many[*].text"]
"""

SHAPES = {"retorno": RETORNO, "typeform": TYPEFORM, "google": GOOGLE, "formbricks": FORMBRICKS, "delighted": DELIGHTED}
