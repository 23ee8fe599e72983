/** The lengths of a new password, as the server's policy has them: that file reads a list, which browsers cannot. */
export const MIN_PASSWORD_LENGTH = 12
export const MAX_PASSWORD_LENGTH = 128
