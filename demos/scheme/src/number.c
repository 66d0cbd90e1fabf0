// Numbers: 48-bit integers that grow into bignums (sign and 32-bit limbs), and doubles.
// Knows how numbers are written; checks no types.
#include "scheme.h"
#include <math.h>

#define MAX_LIMBS (1u << 16)

// A view of an integer of either kind.
typedef struct {
    bool neg;
    uint32_t n; // limbs, lowest first; the highest is not zero
    const uint32_t *d;
    uint32_t small[2];
} Big;

bool is_exact(Value v) { return is_fix(v) || is_type(v, T_BIGNUM); }
bool is_number(Value v) { return is_flo(v) || is_exact(v); }
bool is_integer(Value v) {
    return is_exact(v) || (is_flo(v) && isfinite(flo(v)) && floor(flo(v)) == flo(v));
}

static uint32_t trim(const uint32_t *d, uint32_t n) {
    while (n && !d[n - 1]) n--;
    return n;
}

static void view(Value v, Big *b) {
    if (!is_fix(v)) {
        b->neg = obj(v)->flag;
        b->n = obj(v)->len;
        b->d = (uint32_t *)obj(v)->slot;
        return;
    }
    uint64_t m = fix(v) < 0 ? -(uint64_t)fix(v) : (uint64_t)fix(v);
    b->neg = fix(v) < 0;
    b->small[0] = (uint32_t)m;
    b->small[1] = (uint32_t)(m >> 32);
    b->d = b->small;
    b->n = trim(b->small, 2);
}

static Obj *new_big(uint32_t limbs, bool neg) {
    Obj *o = alloc(T_BIGNUM, 0, limbs * 4);
    o->len = limbs;
    o->flag = neg;
    return o;
}

static uint32_t *limbs(Obj *o) { return (uint32_t *)o->slot; }

// Drops leading zeros, and the bignum itself when the number fits into a value.
static Value normal(Obj *o) {
    uint32_t *d = limbs(o);
    o->len = trim(d, o->len);
    if (o->len > 2) return from_obj(o);
    uint64_t m = (o->len > 0 ? d[0] : 0) | (uint64_t)(o->len > 1 ? d[1] : 0) << 32;
    if (m >> 62) return from_obj(o);
    int64_t n = o->flag ? -(int64_t)m : (int64_t)m;
    return fits_fix(n) ? make_fix(n) : from_obj(o);
}

Value from_integer(int64_t n) {
    if (fits_fix(n)) return make_fix(n);
    Obj *o = new_big(2, n < 0);
    uint64_t m = n < 0 ? -(uint64_t)n : (uint64_t)n;
    limbs(o)[0] = (uint32_t)m;
    limbs(o)[1] = (uint32_t)(m >> 32);
    return normal(o);
}

static int cmp_magnitude(const Big *a, const Big *b) {
    if (a->n != b->n) return a->n < b->n ? -1 : 1;
    for (uint32_t i = a->n; i-- > 0;)
        if (a->d[i] != b->d[i]) return a->d[i] < b->d[i] ? -1 : 1;
    return 0;
}

static Value add_big(Value x, Value y, bool subtract) {
    Big a, b;
    view(x, &a);
    view(y, &b);
    b.neg ^= subtract;
    const Big *big = &a, *small = &b;
    if (cmp_magnitude(&a, &b) < 0) big = &b, small = &a;
    Obj *o = new_big(big->n + 1, big->neg);
    int64_t carry = 0, sign = a.neg == b.neg ? 1 : -1;
    for (uint32_t i = 0; i <= big->n; i++) {
        carry += i < big->n ? big->d[i] : 0;
        carry += i < small->n ? sign * (int64_t)small->d[i] : 0;
        limbs(o)[i] = (uint32_t)carry;
        carry >>= 32;
    }
    return normal(o);
}

static Value mul_big(Value x, Value y) {
    Big a, b;
    view(x, &a);
    view(y, &b);
    if (a.n + b.n > MAX_LIMBS) return fail("number too large", V_UNBOUND);
    Obj *o = new_big(a.n + b.n, a.neg != b.neg);
    uint32_t *r = limbs(o);
    memset(r, 0, o->len * 4);
    for (uint32_t i = 0; i < a.n; i++) {
        uint64_t carry = 0;
        for (uint32_t j = 0; j < b.n; j++) {
            carry += (uint64_t)a.d[i] * b.d[j] + r[i + j];
            r[i + j] = (uint32_t)carry;
            carry >>= 32;
        }
        r[i + b.n] = (uint32_t)carry;
    }
    return normal(o);
}

// Divides `d` in place by one limb and returns the remainder.
static uint32_t div_limb(uint32_t *d, uint32_t n, uint32_t by) {
    uint64_t rem = 0;
    for (uint32_t i = n; i-- > 0;) {
        rem = rem << 32 | d[i];
        d[i] = (uint32_t)(rem / by);
        rem %= by;
    }
    return (uint32_t)rem;
}

// dst = src << bits (0 to 31), one limb longer than src.
static void shift_left(uint32_t *dst, const uint32_t *src, uint32_t n, int bits) {
    uint64_t carry = 0;
    for (uint32_t i = 0; i < n; i++) {
        carry |= (uint64_t)src[i] << bits;
        dst[i] = (uint32_t)carry;
        carry >>= 32;
    }
    dst[n] = (uint32_t)carry;
}

// Long division of magnitudes, a >= b, b of two limbs or more (Knuth's algorithm D).
static void div_long(const Big *a, const Big *b, uint32_t *quot, uint32_t *rem) {
    int bits = __builtin_clz(b->d[b->n - 1]);
    uint32_t n = b->n;
    uint32_t *u = limbs(new_big(a->n + 1, false)), *v = limbs(new_big(n + 1, false));
    shift_left(u, a->d, a->n, bits);
    shift_left(v, b->d, n, bits);
    for (uint32_t j = a->n - n + 1; j-- > 0;) {
        uint64_t top = (uint64_t)u[j + n] << 32 | u[j + n - 1];
        uint64_t q = top / v[n - 1], r = top % v[n - 1];
        while (q >> 32 || q * v[n - 2] > (r << 32 | u[j + n - 2])) {
            q--;
            r += v[n - 1];
            if (r >> 32) break;
        }
        uint64_t carry = 0;
        int64_t borrow = 0;
        for (uint32_t i = 0; i <= n; i++) {
            carry += i < n ? q * v[i] : 0;
            borrow += (int64_t)u[i + j] - (uint32_t)carry;
            u[i + j] = (uint32_t)borrow;
            borrow >>= 32;
            carry >>= 32;
        }
        if (borrow) { // the estimate was one too large: add the divisor back
            q--;
            carry = 0;
            for (uint32_t i = 0; i <= n; i++) {
                carry += (uint64_t)u[i + j] + (i < n ? v[i] : 0);
                u[i + j] = (uint32_t)carry;
                carry >>= 32;
            }
        }
        quot[j] = (uint32_t)q;
    }
    for (uint32_t i = 0; i < n; i++)
        rem[i] = (uint32_t)(((uint64_t)u[i + 1] << 32 | u[i]) >> bits);
}

static Value div_big(Value x, Value y, Value *rem) {
    Big a, b;
    view(x, &a);
    view(y, &b);
    if (cmp_magnitude(&a, &b) < 0) {
        *rem = x;
        return make_fix(0);
    }
    Obj *q = new_big(a.n - b.n + 1, a.neg != b.neg), *r = new_big(b.n, a.neg);
    if (b.n == 1) {
        memcpy(limbs(q), a.d, a.n * 4);
        limbs(r)[0] = div_limb(limbs(q), a.n, b.d[0]);
    } else {
        div_long(&a, &b, limbs(q), limbs(r));
    }
    *rem = normal(r);
    return normal(q);
}

Value num_add(Value a, Value b) {
    if (is_flo(a) || is_flo(b)) return make_flo(to_double(a) + to_double(b));
    if (is_fix(a) && is_fix(b)) return from_integer(fix(a) + fix(b));
    return add_big(a, b, false);
}

Value num_sub(Value a, Value b) {
    if (is_flo(a) || is_flo(b)) return make_flo(to_double(a) - to_double(b));
    if (is_fix(a) && is_fix(b)) return from_integer(fix(a) - fix(b));
    return add_big(a, b, true);
}

Value num_mul(Value a, Value b) {
    if (is_flo(a) || is_flo(b)) return make_flo(to_double(a) * to_double(b));
    if (is_fix(a) && is_fix(b) && (int32_t)fix(a) == fix(a) && (int32_t)fix(b) == fix(b))
        return from_integer(fix(a) * fix(b));
    return mul_big(a, b);
}

Value num_divide(Value a, Value b, Value *rem) {
    if (is_flo(a) || is_flo(b)) {
        double x = to_double(a), y = to_double(b);
        *rem = make_flo(fmod(x, y));
        return make_flo(trunc(x / y));
    }
    if (!is_fix(a) || !is_fix(b)) return div_big(a, b, rem);
    *rem = make_fix(fix(a) % fix(b));
    return from_integer(fix(a) / fix(b));
}

static bool is_negative(Value v) { return is_fix(v) ? fix(v) < 0 : obj(v)->flag; }
static Value magnitude(Value v) { return is_negative(v) ? num_sub(make_fix(0), v) : v; }

static uint32_t bit_length(Value v) {
    Big b;
    view(v, &b);
    return b.n ? b.n * 32 - __builtin_clz(b.d[b.n - 1]) : 0;
}

static Value power(uint32_t base, uint32_t exponent) {
    return num_expt(make_fix(base), make_fix(exponent));
}

// The double nearest to a / b, for positive integers: 64 bits of quotient, the last one sticky.
static double ratio(Value a, Value b) {
    int shift = 64 - (int)bit_length(a) + (int)bit_length(b);
    if (shift > 0) a = num_mul(a, power(2, shift));
    if (shift < 0) b = num_mul(b, power(2, -shift));
    Value rem, quot = num_divide(a, b, &rem);
    Big q;
    view(quot, &q);
    uint64_t m = q.d[0] | (uint64_t)q.d[1] << 32;
    bool inexact = rem != make_fix(0);
    if (q.n > 2) { // 65 bits
        inexact |= m & 1;
        m = m >> 1 | UINT64_C(1) << 63;
        shift--;
    }
    return ldexp((double)(m | inexact), -shift);
}

double to_double(Value v) {
    if (is_flo(v)) return flo(v);
    if (is_fix(v)) return (double)fix(v);
    double d = obj(v)->len > 40 ? INFINITY : ratio(magnitude(v), make_fix(1));
    return obj(v)->flag ? -d : d;
}

Value num_div(Value a, Value b) {
    if (is_flo(a) || is_flo(b)) return make_flo(to_double(a) / to_double(b));
    Value rem, quot = num_divide(a, b, &rem);
    if (rem == make_fix(0)) return quot;
    double d = ratio(magnitude(a), magnitude(b));
    return make_flo(is_negative(a) != is_negative(b) ? -d : d);
}

int num_cmp(Value a, Value b) {
    if (is_fix(a) && is_fix(b)) return (fix(a) > fix(b)) - (fix(a) < fix(b));
    if (is_flo(a) || is_flo(b)) {
        double x = to_double(a), y = to_double(b);
        return x < y ? -1 : x > y ? 1 : x == y ? 0 : 2;
    }
    Big x, y;
    view(a, &x);
    view(b, &y);
    if (x.neg != y.neg) return x.neg ? -1 : 1;
    return x.neg ? cmp_magnitude(&y, &x) : cmp_magnitude(&x, &y);
}

Value num_expt(Value a, Value b) {
    if (!is_fix(b)) return make_flo(pow(to_double(a), to_double(b)));
    if (fix(b) < 0) {
        Value below = num_expt(a, make_fix(-fix(b)));
        if (below == make_fix(0)) return fail("expt: division by zero", V_UNBOUND);
        return below == V_ERROR ? below : num_div(make_fix(1), below);
    }
    if (is_flo(a)) return make_flo(pow(flo(a), (double)fix(b)));
    if (bit_length(a) > 1 && fix(b) > MAX_LIMBS) return fail("number too large", V_UNBOUND);
    Value r = make_fix(1);
    for (int64_t n = fix(b); n && r != V_ERROR; n >>= 1) {
        if (n & 1) r = num_mul(r, a);
        if (n > 1) a = num_mul(a, a);
        if (a == V_ERROR) return a;
    }
    return r;
}

Value num_exact(Value v) {
    if (is_exact(v)) return v;
    if (!is_integer(v)) return fail("no exact integer equals", v);
    int e;
    Value m = from_integer((int64_t)ldexp(frexp(flo(v), &e), 53));
    Value rem;
    if (e >= 53) return num_mul(m, power(2, e - 53));
    return e > 0 ? num_divide(m, power(2, 53 - e), &rem) : make_fix(0);
}

// Reading: [sign] digits [. digits] [e [sign] digits].

static int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'z') return c - 'a' + 10;
    if (c >= 'A' && c <= 'Z') return c - 'A' + 10;
    return 99;
}

static double decimal(Value digits, int64_t exponent) {
    if (digits == make_fix(0)) return 0;
    int64_t size = exponent + (int64_t)(bit_length(digits) * 0.30103);
    if (size > 310) return INFINITY;
    if (size < -330) return 0;
    if (exponent >= 0) return to_double(num_mul(digits, power(10, exponent)));
    return ratio(digits, power(10, -exponent));
}

Value parse_number(const char *s, size_t n, int radix) {
    const char *end = s + n;
    bool neg = n && *s == '-', inexact = false, any = false;
    int64_t exponent = 0;
    if (n == 6 && !memcmp(s + 1, "inf.0", 5)) return make_flo(neg ? -INFINITY : INFINITY);
    if (n == 6 && !memcmp(s + 1, "nan.0", 5)) return make_flo(NAN);
    if (n && (*s == '-' || *s == '+')) s++;
    Value v = make_fix(0);
    for (; s < end; s++) {
        if (digit_of(*s) < radix) {
            v = num_add(num_mul(v, make_fix(radix)), make_fix(digit_of(*s)));
            exponent -= inexact;
            any = true;
        } else if (*s == '.' && !inexact && radix == 10) {
            inexact = true;
        } else {
            break;
        }
    }
    if (!any) return V_FALSE;
    if (s < end && (*s == 'e' || *s == 'E') && radix == 10) {
        bool down = ++s < end && *s == '-';
        if (s < end && (*s == '-' || *s == '+')) s++;
        int64_t e = 0;
        if (s == end) return V_FALSE;
        for (; s < end && digit_of(*s) < 10; s++)
            if (e < 100000) e = e * 10 + digit_of(*s);
        exponent += down ? -e : e;
        inexact = true;
    }
    if (s < end) return V_FALSE;
    if (!inexact) return neg ? num_sub(make_fix(0), v) : v;
    double d = decimal(v, exponent);
    return make_flo(neg ? -d : d);
}

// Printing.

static void print_integer(Out *o, Value v, uint32_t radix) {
    Big b;
    view(v, &b);
    Obj *work = new_big(b.n, false);
    memcpy(limbs(work), b.d, b.n * 4);
    uint32_t chunk = radix, width = 1; // the largest power of the radix that fits a limb
    while ((uint64_t)chunk * radix >> 32 == 0) chunk *= radix, width++;
    size_t cap = b.n * 33 + 1, at = cap;
    char *text = (char *)alloc(T_STRING, 0, cap)->slot;
    for (uint32_t n = b.n; n;) {
        uint32_t part = div_limb(limbs(work), n, chunk);
        n = trim(limbs(work), n);
        for (uint32_t i = 0; n ? i < width : part > 0; i++, part /= radix)
            text[--at] = "0123456789abcdefghijklmnopqrstuvwxyz"[part % radix];
    }
    if (b.n == 0) text[--at] = '0';
    if (b.neg) out_char(o, '-');
    while (at < cap) out_char(o, text[at++]);
}

// The shortest digits that read back as d > 0 (Burger and Dybvig's free-format algorithm).
// Returns their count; d = 0.DIGITS * 10^point.
static int shortest(double d, char *digits, int *point) {
    int e, n = 0;
    int64_t f = (int64_t)ldexp(frexp(d, &e), 53);
    e -= 53;
    while (e < -1074) f >>= 1, e++;
    bool even = f % 2 == 0, edge = f == INT64_C(1) << 52 && e > -1074;
    Value r = num_mul(from_integer(f), make_fix(edge ? 4 : 2)), s = make_fix(edge ? 4 : 2);
    Value up = make_fix(edge ? 2 : 1), down = make_fix(1), ten = make_fix(10);
    Value scale = power(2, e < 0 ? -e : e);
    if (e < 0) s = num_mul(s, scale);
    else r = num_mul(r, scale), up = num_mul(up, scale), down = num_mul(down, scale);
    int k = (int)ceil(((int)bit_length(from_integer(f)) + e - 1) * 0.30102999566398120 - 1e-10);
    if (k >= 0) s = num_mul(s, power(10, k));
    else {
        scale = power(10, -k);
        r = num_mul(r, scale), up = num_mul(up, scale), down = num_mul(down, scale);
    }
    int over = num_cmp(num_add(r, up), s);
    if (even ? over >= 0 : over > 0) k++;
    else r = num_mul(r, ten), up = num_mul(up, ten), down = num_mul(down, ten);
    for (*point = k;;) {
        int digit = (int)fix(num_divide(r, s, &r));
        int low = num_cmp(r, down), high = num_cmp(num_add(r, up), s);
        bool stop_low = even ? low <= 0 : low < 0, stop_high = even ? high >= 0 : high > 0;
        if (stop_low || stop_high) {
            if (stop_high && (!stop_low || num_cmp(num_add(r, r), s) >= 0)) digit++;
            digits[n++] = (char)('0' + digit);
            return n;
        }
        digits[n++] = (char)('0' + digit);
        r = num_mul(r, ten), up = num_mul(up, ten), down = num_mul(down, ten);
    }
}

static void print_double(Out *o, double d) {
    char digits[32];
    int point, n;
    if (d != d) return out_text(o, "+nan.0");
    if (signbit(d)) out_char(o, '-');
    if (isinf(d)) return out_text(o, signbit(d) ? "inf.0" : "+inf.0");
    if (d == 0) return out_text(o, "0.0");
    n = shortest(fabs(d), digits, &point);
    int shown = point; // digits before the point
    if (point > 21 || point < -5) shown = 1;
    if (shown <= 0) out_text(o, "0.");
    for (int i = shown; i < 0; i++) out_char(o, '0');
    for (int i = 0; i < n || i <= shown; i++) {
        if (i == shown && i > 0) out_char(o, '.');
        if (i < n || i <= shown) out_char(o, i < n ? digits[i] : '0');
    }
    if (shown != point) {
        out_char(o, 'e');
        print_integer(o, make_fix(point - 1), 10);
    }
}

void print_number(Out *o, Value v, int radix) {
    if (is_flo(v)) print_double(o, flo(v));
    else print_integer(o, v, (uint32_t)radix);
}
