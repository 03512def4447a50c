"""Of staff's tables, none holds anything about a customer but her number."""

HOLDINGS = ()
FREE = {
    "staff_user": "people who work here",
    "staff_apitoken": "machines' ways in",
    "staff_auditentry": "customers by number alone, which leads nowhere once she is forgotten",
    "mfa_authenticator": "the second steps of people who work here",
    "usersessions_usersession": "where people who work here are logged in",
    "socialaccount_socialaccount": "their company's login",
    "socialaccount_socialapp": "the same",
    "socialaccount_socialtoken": "the same",
    "account_emailaddress": "addresses of people who work here",
    "account_emailconfirmation": "the same",
}
