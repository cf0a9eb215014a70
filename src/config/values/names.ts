/** Names that several sections use: short names, Slack channels and Slack members. */

export const name = /^[\w.-]{1,64}$/;
export const nameExpected = 'a short name of letters, digits, "-", "_" and "."';
export const channel = /^(#[^\s#,<>&@]{1,80}|[CGD][A-Z0-9]{6,})$/;
export const channelExpected = 'a channel like "#celery-alerts" (quoted) or its id';
export const mention = /^[UWS][A-Z0-9]{5,}$/;
export const mentionExpected = 'the id of a user (U…, W…) or a user group (S…)';
