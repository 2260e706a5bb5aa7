//! Tokens: how a caller proves who it is.

// Written by `cargo xtask codegen` from the spec. Change that, not this.

use crate::prelude::*;

open_enum! {
    /// Version of an access token; what distinguishes the two is not documented.
    pub enum ApiVersion {
        /// Version 1.
        V1 = "v1",
        /// Version 2.
        V2 = "v2",
    }
}

request! {
    /// Login with a password, or renewal with a refresh token, as a form.
    pub struct TokenRequest {
        optional {
            /// What the token is granted for: a password or a refresh token.
            grant_type: GrantType,
            /// Email address of the user; a `+` in it must arrive as `%2B`.
            username: String,
            /// Password of the user.
            password: Secret,
            /// Account to obtain the token for; presumably the user's own when left out.
            account_id: AccountId,
            /// Scopes of the token, separated by commas. `email_api` is known to one source, but
            /// does not fit the declared pattern.
            scopes: String,
            /// Lifetime wished for the access token, in seconds. Without it the server decides.
            expiration_seconds: u64,
            /// Refresh token of an earlier answer.
            refresh_token: Secret,
        }
    }
}

request! {
    /// Renewal of an access token with a refresh token, as a form.
    pub struct TokenRefresh {
        required {
            /// Refresh token of an earlier answer.
            refresh_token: Secret,
        }
        optional {
            /// What the token is granted for: always a refresh token here.
            grant_type: RefreshGrantType,
            /// Lifetime wished for the access token, in seconds. Without it the server decides.
            expiration_seconds: u64,
        }
    }
}

/// A challenge in place of a token: the user has multi-factor authentication.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Challenge {
    /// Opaque challenge that stands for the login under way; a secret.
    pub challenge: Secret,
}

request! {
    /// The user's answer to a challenge of multi-factor authentication.
    pub struct ChallengeResponse {
        required {
            /// Opaque challenge that stands for the login under way; a secret.
            challenge: Secret,
            /// Code from the user: six digits, or twelve hexadecimal digits (presumably a recovery
            /// code).
            code: Secret,
        }
        optional {
            /// Scopes of the token. A list here; a string with commas where a token is asked for
            /// with a password.
            scopes: Vec<Scope>,
            /// Lifetime wished for the access token, in seconds. Without it the server decides.
            expiration_seconds: u64,
        }
    }
}

open_enum! {
    /// What an access token is granted for.
    pub enum GrantType {
        /// A user name and a password.
        Password = "password",
        /// A refresh token.
        RefreshToken = "refresh_token",
    }
}

open_enum! {
    /// What a renewed access token is granted for.
    pub enum RefreshGrantType {
        /// A refresh token.
        RefreshToken = "refresh_token",
    }
}

open_enum! {
    /// A part of the API that an access token opens; the parts themselves are not documented.
    pub enum Scope {
        /// What users do; the default.
        User = "user",
        /// Administration, presumably.
        Admin = "admin",
        /// Cakemail's own use, presumably.
        Internal = "internal",
        /// Authentication alone, presumably.
        Auth = "auth",
        /// The Email API, presumably.
        EmailApi = "email_api",
    }
}

/// An access token, and the refresh token to renew it with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Token {
    /// Token to send as `Authorization: Bearer …`; opaque, although it is a JWT.
    pub access_token: Secret,
    /// How the token is sent: `bearer`.
    #[serde(default, deserialize_with = "de::or_default")]
    pub token_type: String,
    /// Lifetime of the access token, in seconds. It differs between sources, so rely on no other
    /// number.
    #[serde(default, deserialize_with = "de::or_default")]
    pub expires_in: u64,
    /// Token to obtain the next access token with. Whether it works more than once is not
    /// documented.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<Secret>,
    /// Accounts that the token gives access to.
    #[serde(default, deserialize_with = "de::compact")]
    pub accounts: Vec<AccountId>,
}

request! {
    /// What [`RefreshToken`] can be asked for.
    pub struct RefreshTokenQuery {
        optional {
            /// Version of the token to issue; what distinguishes them is not documented. Default:
            /// `v1`.
            version: ApiVersion,
        }
    }
}

operation! {
    /// Renews an access token with a refresh token.
    ///
    /// Deprecated in favour of `POST /token` with the grant type `refresh_token`; still in use by
    /// an official client. Whether the refresh token can be used again is not documented: keep the
    /// one in the answer, and assume the old one spent.
    ///
    /// `PUT /token`
    pub struct RefreshToken = "refreshToken" Put "/token" NonIdempotent [public] {
        query RefreshTokenQuery,
        body Form TokenRefresh,
        answer Json Token,
    }
}

request! {
    /// What [`CreateToken`] can be asked for.
    pub struct CreateTokenQuery {
        optional {
            /// Version of the token to issue; what distinguishes them is not documented. Default:
            /// `v2`.
            version: ApiVersion,
        }
    }
}

operation! {
    /// Obtains an access token, with a password or a refresh token.
    ///
    /// The body is form-encoded; in particular a `+` in the user name must be sent as `%2B`. With
    /// the grant type `password` give `username` and `password`, with `refresh_token` give
    /// `refresh_token`. No bearer token is needed.
    ///
    /// Lifetimes differ between sources (an hour, five days): only `expires_in` counts. Whether a
    /// refresh token can be used more than once is not documented: keep the one in the answer, and
    /// assume the old one spent. For a user with multi-factor authentication the answer is a
    /// challenge, to be completed at `POST /token/challenge`; it is declared as a 200 and
    /// documented as a 401, so look for it in both.
    ///
    /// `POST /token`
    pub struct CreateToken = "createToken" Post "/token" Idempotent [public] {
        query CreateTokenQuery,
        body Form TokenRequest,
        answer Json CreateTokenResponse,
    }
}

operation! {
    /// Completes multi-factor authentication and obtains an access token.
    ///
    /// Takes the challenge that `POST /token` answered and a code from the user. A recovery code is
    /// presumably spent by its use, so do not repeat the request blindly.
    ///
    /// `POST /token/challenge`
    pub struct AnswerChallenge = "createTokenFromChallenge" Post "/token/challenge" NonIdempotent [public] {
        body Json ChallengeResponse,
        answer Json Token,
    }
}

/// One of several, told apart by what fits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum CreateTokenResponse {
    /// [`Token`]
    Token(Token),
    /// [`Challenge`]
    Challenge(Challenge),
    /// None of these.
    Other(de::Unread),
}
