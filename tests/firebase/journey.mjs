// What an application does with Firebase Authentication, done with jet-admin: `node journey.mjs http://host:port`.
import assert from 'node:assert/strict'
import { createInterface } from 'node:readline'
import { deleteApp, initializeApp } from 'firebase/app'
import {
  applyActionCode,
  checkActionCode,
  confirmPasswordReset,
  connectAuthEmulator,
  createUserWithEmailAndPassword,
  deleteUser,
  initializeAuth,
  inMemoryPersistence,
  sendEmailVerification,
  sendPasswordResetEmail,
  signInWithEmailAndPassword,
  signOut,
  updatePassword,
  updateProfile,
  verifyBeforeUpdateEmail,
  verifyPasswordResetCode,
} from 'firebase/auth'

const [url] = process.argv.slice(2)
const letters = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const app = initializeApp({ apiKey: 'any', projectId: 'jet-admin' })
const auth = initializeAuth(app, { persistence: inMemoryPersistence })
connectAuthEmulator(auth, url, { disableWarnings: true })

const email = 'ada@example.com'

/** The code of the last letter for that purpose. */
async function code(purpose) {
  console.log(`code please: ${purpose}`)
  const { value } = await letters.next()
  return value
}

/** Asserts that the SDK fails with that code. */
async function refused(promise, expected) {
  await assert.rejects(promise, (error) => {
    assert.equal(error.code, expected)
    return true
  })
}

/** Who the API takes the user's token for. */
async function me(user) {
  const answer = await fetch(`${url}/api/v1/auth`, { headers: { authorization: `Bearer ${await user.getIdToken()}` } })
  return { status: answer.status, body: await answer.json() }
}

// sign-up
await refused(createUserWithEmailAndPassword(auth, email, 'short'), 'auth/weak-password')
await refused(createUserWithEmailAndPassword(auth, 'ada', 'correct horse'), 'auth/invalid-email')
const made = await createUserWithEmailAndPassword(auth, email, 'correct horse')
assert.equal(made.user.email, email)
assert.equal(made.user.emailVerified, false)
assert.equal((await me(made.user)).body.user.id, made.user.uid)
await refused(createUserWithEmailAndPassword(auth, email, 'correct horse'), 'auth/email-already-in-use')

// profile
await updateProfile(made.user, { displayName: 'Ada', photoURL: 'https://example.com/ada.png' })
await made.user.reload()
assert.equal(auth.currentUser.displayName, 'Ada')
assert.equal(auth.currentUser.photoURL, 'https://example.com/ada.png')

// tokens
const first = await made.user.getIdTokenResult()
assert.equal(first.signInProvider, 'password')
assert.equal(Date.parse(first.expirationTime) - Date.parse(first.issuedAtTime), 3600_000)
const before = made.user.refreshToken
const refreshed = await made.user.getIdToken(true)
assert.notEqual(made.user.refreshToken, before, 'refresh tokens rotate')
assert.equal((await me(made.user)).status, 200)
assert.ok(refreshed.length > 100)

// verification
await sendEmailVerification(made.user)
const verification = await code('VERIFY_EMAIL')
assert.equal((await checkActionCode(auth, verification)).operation, 'VERIFY_EMAIL')
await applyActionCode(auth, verification)
await made.user.reload()
assert.equal(auth.currentUser.emailVerified, true)
await refused(applyActionCode(auth, verification), 'auth/invalid-action-code')

// a new password
await updatePassword(made.user, 'another horse')
assert.equal((await me(made.user)).status, 200, 'the session that changed it goes on')
await signOut(auth)
await refused(signInWithEmailAndPassword(auth, email, 'correct horse'), 'auth/invalid-credential')
await refused(signInWithEmailAndPassword(auth, 'nobody@example.com', 'correct horse'), 'auth/invalid-credential')
const again = await signInWithEmailAndPassword(auth, email, 'another horse')
assert.equal(again.user.uid, made.user.uid)

// a forgotten password
await sendPasswordResetEmail(auth, email)
const reset = await code('PASSWORD_RESET')
assert.equal(await verifyPasswordResetCode(auth, reset), email)
await refused(confirmPasswordReset(auth, reset, 'short'), 'auth/weak-password')
await confirmPasswordReset(auth, reset, 'third horse')
await refused(confirmPasswordReset(auth, reset, 'fourth horse'), 'auth/invalid-action-code')
await refused(again.user.getIdToken(true), 'auth/user-token-expired')
assert.equal(auth.currentUser, null, 'the reset ended every session')
const third = await signInWithEmailAndPassword(auth, email, 'third horse')

// another address, which counts once its code is used
const moved = 'ada@example.org'
await verifyBeforeUpdateEmail(third.user, moved)
const change = await code('VERIFY_AND_CHANGE_EMAIL')
assert.equal((await checkActionCode(auth, change)).data.email, moved)
assert.equal((await me(third.user)).body.user.email, email)
await applyActionCode(auth, change)
await refused(third.user.getIdToken(true), 'auth/user-token-expired')
await refused(signInWithEmailAndPassword(auth, email, 'third horse'), 'auth/invalid-credential')
const fourth = await signInWithEmailAndPassword(auth, moved, 'third horse')

// the end
await deleteUser(fourth.user)
assert.equal(auth.currentUser, null)
await refused(signInWithEmailAndPassword(auth, moved, 'third horse'), 'auth/invalid-credential')
await deleteApp(app)
console.log('done')
process.exit(0)
