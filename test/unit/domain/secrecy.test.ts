import fc from 'fast-check'
import t from 'tap'
import {
  type SecrecyFinding,
  type SecrecyMark,
  secrecyInFileName,
  secrecyInNotation,
  secrecyInSubject,
  secrecyInTextLayer,
} from '../../../src/domain/secrecy.ts'
import { workTime } from '../../support/work-time.ts'

type Finder = (text: string) => SecrecyFinding | undefined

const inTextLayer: Finder = (line) =>
  secrecyInTextLayer(['ỦY BAN NHÂN DÂN', 'TỈNH THỬ NGHIỆM', line, 'Kính gửi: Sở Thử nghiệm'])

/** Both forms of Unicode, as keyboards and PDF readers produce them. */
const forms = (text: string): string[] => [text.normalize('NFC'), text.normalize('NFD')]

const SECRET: readonly [Finder, SecrecyMark, readonly string[]][] = [
  [
    secrecyInSubject,
    'MẬT',
    [
      'MẬT - Báo cáo tình hình an ninh quý III',
      'MẬT: Báo cáo tình hình',
      'MẬT. Báo cáo tình hình',
      '(MẬT) Báo cáo tình hình',
      '[MẬT] Báo cáo tình hình',
      'MẬT Báo cáo tình hình',
      'MẬT BÁO CÁO TÌNH HÌNH',
      'Báo cáo tình hình (MẬT)',
      'Báo cáo tình hình (Mật)',
      'Báo cáo tình hình (mật)',
      'Báo cáo tình hình ( Mật )',
      'Báo cáo tình hình (Độ mật: Mật)',
      'Báo cáo tình hình (độ Mật)',
      'Báo cáo tình hình (văn bản mật)',
      'Báo cáo tình hình - Mật',
      'Báo cáo tình hình – MẬT',
      'Báo cáo tình hình-MẬT',
      'Báo cáo tình hình / Mật',
      'Báo cáo tình hình. Mật.',
      'Báo cáo tình hình MẬT',
      'BÁO CÁO TÌNH HÌNH MẬT',
      'BÁO CÁO PHÒNG CHỐNG DỊCH MẬT',
      'BÁO CÁO TIẾN ĐỘ MẬT',
      'MẬT DANH SÁCH CÁN BỘ LUÂN CHUYỂN',
      'MẬT ĐỘ KHẨN: HỎA TỐC. Báo cáo',
      'MẬT MÃ SỐ 12 Báo cáo',
      'Mật: Báo cáo tình hình',
      'mật - báo cáo tình hình',
      'Mật - Hỏa tốc - Báo cáo tình hình',
      'HỎA TỐC - MẬT - Báo cáo tình hình',
      'HOẢ TỐC, MẬT: Báo cáo tình hình',
      'Báo cáo tình hình (Hỏa tốc - Mật)',
      'Báo cáo tình hình (Mật, thượng khẩn)',
      'Độ mật: Mật. Báo cáo tình hình',
      'Báo cáo tình hình. ĐỘ MẬT: MẬT',
      'Báo cáo tình hình; mức độ: Mật',
      'Độ mật: C. Báo cáo tình hình',
      'Kế hoạch bảo vệ bí mật nhà nước (MẬT)',
      'Kế hoạch bảo vệ BÍ MẬT NHÀ NƯỚC - MẬT',
      'M\u00ADẬT - Báo cáo',
      'MẬT\u00A0–\u00A0Báo cáo',
      '\u200BMẬT: Báo cáo',
      'Bao cao tinh hinh (MAT)',
      'MAT: Bao cao tinh hinh',
    ],
  ],
  [
    secrecyInSubject,
    'TỐI MẬT',
    [
      'TỐI MẬT - Kế hoạch diễn tập',
      'Kế hoạch diễn tập (Tối mật)',
      'Kế hoạch diễn tập (độ Tối Mật)',
      'KẾ HOẠCH DIỄN TẬP TỐI MẬT',
      'Kế hoạch TỐI  MẬT diễn tập',
      'Kế hoạch diễn tập [TỐI_MẬT]',
      'Kế hoạch diễn tập (TỐI\nMẬT)',
      'Tối mật: Kế hoạch diễn tập',
      'Độ mật: Tối mật; Kế hoạch diễn tập',
      'Độ mật: B - Kế hoạch diễn tập',
      'Ke hoach dien tap TOI MAT',
    ],
  ],
  [
    secrecyInSubject,
    'TUYỆT MẬT',
    [
      'TUYỆT MẬT. Phương án tác chiến',
      'Phương án tác chiến (Tuyệt mật)',
      'Phương án tác chiến - tuyệt mật',
      'Phương án tác chiến (TUYỆT  MẬT - HỎA TỐC HẸN GIỜ)',
      'Độ mật: A, Phương án tác chiến',
      'TUYET MAT - Phuong an',
    ],
  ],
  [
    secrecyInNotation,
    'MẬT',
    [
      'BC-M',
      'BC/M',
      '12/BC-M',
      'BC-UBND(M)',
      'BC-UBND (M)',
      'KH-UBND-MẬT',
      'KH-UBND-Mật',
      'KH-UBND.MẬT',
      'BC-UBND-MAT',
      'M',
    ],
  ],
  [secrecyInNotation, 'TỐI MẬT', ['KH-BCA-TỐI MẬT', 'KH-BCA (Tối mật)', 'KH-BCA-TOI MAT']],
  [secrecyInNotation, 'TUYỆT MẬT', ['PA-BQP-TUYỆT MẬT', 'PA-BQP-TuyệtMật']],
  [
    secrecyInFileName,
    'MẬT',
    ['Báo cáo (Mật).pdf', 'BC_12_MẬT.docx', 'MẬT - báo cáo.pdf', '12-BC-MẬT.signed.pdf', 'BAO CAO (MAT).pdf'],
  ],
  [secrecyInFileName, 'TUYỆT MẬT', ['phuong_an_TUYET_MAT.pdf', 'Phương án [tuyệt mật].pdf']],
  [
    inTextLayer,
    'MẬT',
    [
      'MẬT',
      '  MẬT  ',
      'M Ậ T',
      '[ MẬT ]',
      '| MẬT |',
      'ĐỘ MẬT: MẬT',
      'Độ mật: Mật',
      'Số: 12/BC-UBND MẬT',
      'MẬT CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM',
      'BỘ CÔNG AN MẬT',
      'CÔNG AN TỈNH THỬ NGHIỆM          MẬT',
      'Kính gửi\tMẬT',
    ],
  ],
  [inTextLayer, 'TỐI MẬT', ['TỐI MẬT', 'T Ố I   M Ậ T', 'TỐI MẬT Độc lập - Tự do - Hạnh phúc']],
  [inTextLayer, 'TUYỆT MẬT', ['TUYỆT MẬT', '***TUYỆT MẬT***', 'Số: 01/PA-BQP   TUYỆT MẬT']],
]

const EVERYDAY: readonly [Finder, readonly string[]][] = [
  [
    secrecyInSubject,
    [
      'V/v tăng cường bảo mật thông tin',
      'TĂNG CƯỜNG BẢO MẬT THÔNG TIN',
      'Bảo mật',
      'V/v thực hiện công tác bảo vệ bí mật nhà nước năm 2026',
      'KẾ HOẠCH BẢO VỆ BÍ MẬT NHÀ NƯỚC',
      'Quy chế bảo vệ BÍ MẬT KINH DOANH',
      'Báo cáo công tác bảo vệ bí-mật nhà nước',
      'Danh mục bí mật nhà nước độ Tối mật, Tuyệt mật trong ngành Thanh tra',
      'Hướng dẫn xác định độ mật và đóng dấu độ mật',
      'HƯỚNG DẪN XÁC ĐỊNH ĐỘ MẬT CỦA BÍ MẬT NHÀ NƯỚC',
      'V/v gia hạn thời hạn bảo vệ, điều chỉnh độ mật, giải mật',
      'V/v quản lý, sử dụng mật mã dân sự',
      'CẤP GIẤY PHÉP KINH DOANH SẢN PHẨM MẬT MÃ DÂN SỰ',
      'Đổi MẬT KHẨU thư điện tử công vụ',
      'Mật khẩu: hướng dẫn đặt lại',
      'MẬT ĐỘ XÂY DỰNG tối đa của đồ án quy hoạch',
      'Mật độ dân số năm 2026',
      'MẬT ONG rừng: chỉ dẫn địa lý',
      'Mật ong, phấn hoa và sữa ong chúa',
      'HỘI CHỢ ONG MẬT',
      'Hội nghị khoa học Tiêu hóa - Gan - Mật',
      'HỘI NGHỊ KHOA HỌC GAN MẬT TỤY',
      'Phẫu thuật sỏi mật (túi mật)',
      'Tiêu chuẩn rỉ mật, mật mía',
      'Bỏ phiếu kín, cẩn mật và công khai',
      'Độ mật: không',
      'Độ mật: Thường',
      'Tiến độ: chậm',
      'Quyết định cử ông Nguyễn Văn Mật đi công tác',
      'Cấp thẻ nhà báo cho bà Trần Thị Mật - Sở Thử nghiệm',
      'Trường Mật-ta',
      'TẬP HUẤN AN TOÀN VÀ BẢO MẬT.',
      'Tặng kỷ niệm chương TRĂNG MẬT',
      'Mat bang: kiem ke dat dai',
      'VIEN MAT TRUNG UONG',
      'Mặt trận Tổ quốc (MTTQ)',
      '',
    ],
  ],
  [
    secrecyInNotation,
    [
      'BC-TM',
      'QĐ-BTTM',
      'UBND-VP',
      'VPCP-TTĐT',
      'GM',
      'CV-PGM',
      'KH-UBND',
      'QĐ-BKHCN',
      'TTr-STM',
      'BC-MTTQ',
      'QĐ-CM',
      '',
    ],
  ],
  [
    secrecyInFileName,
    [
      'Quy chế bảo mật.pdf',
      'bao-mat.pdf',
      'mat-bang.pdf',
      'MatOng.docx',
      'mật khẩu.txt',
      'M.pdf',
      'scan0001.pdf',
    ],
  ],
  [
    inTextLayer,
    [
      'Căn cứ Luật Bảo vệ bí mật nhà nước ngày 15 tháng 11 năm 2018;',
      'DANH MỤC BÍ MẬT NHÀ NƯỚC ĐỘ TUYỆT MẬT VÀ TỐI MẬT',
      'Điều 3. Tài liệu đóng dấu MẬT được lưu riêng.',
      'SỔ ĐĂNG KÝ VĂN BẢN MẬT ĐI',
      'BÍ MẬT',
      'BẢO MẬT',
      'PHÒNG AN NINH, BẢO MẬT',
      'Độ mật: ....................',
      'Mật',
      'MẬT ONG',
      'CỤC BẢO MẬT',
      'Kính gửi: Hội Nuôi ong lấy mật',
      '',
    ],
  ],
]

t.test('a mark is found wherever and however clerks write it', async (t) => {
  for (const [find, mark, texts] of SECRET)
    for (const text of texts)
      for (const form of forms(text)) t.equal(find(form)?.mark, mark, JSON.stringify(text))
})

t.test('everyday words are no marks', async (t) => {
  for (const [find, texts] of EVERYDAY)
    for (const text of texts)
      for (const form of forms(text)) t.equal(find(form), undefined, JSON.stringify(text))
})

t.test('what is found says where, and nothing of the text', async (t) => {
  t.strictSame(secrecyInSubject('(MẬT) Nội dung'), { mark: 'MẬT', where: 'subject' })
  t.strictSame(secrecyInNotation('BC-M'), { mark: 'MẬT', where: 'notation' })
  t.strictSame(secrecyInFileName('(Mật).pdf'), { mark: 'MẬT', where: 'file-name' })
  t.strictSame(secrecyInTextLayer(['TỐI MẬT']), { mark: 'TỐI MẬT', where: 'text-layer' })
})

const MARKS: readonly SecrecyMark[] = ['MẬT', 'TỐI MẬT', 'TUYỆT MẬT']
const words = fc.array(
  fc.constantFrom('báo', 'cáo', 'tình', 'hình', 'bí mật', 'Ủy', '12', 'bảo mật', 'Gan', '–'),
  {
    maxLength: 6,
  },
)

t.test('no surrounding words hide a mark in brackets', async () => {
  fc.assert(
    fc.property(fc.constantFrom(...MARKS), words, words, (mark, before, after) => {
      const subject = [...before, `(${mark})`, ...after].join(' ')
      return forms(subject).every((form) => secrecyInSubject(form)?.mark === mark)
    }),
  )
})

t.test('small letters in running text are never a mark', async () => {
  const letters = fc.array(fc.constantFrom('mật', 'tối mật', 'tuyệt mật', 'bí mật', 'báo cáo', 'về'), {
    minLength: 2,
  })
  fc.assert(
    fc.property(letters, (parts) => secrecyInSubject(`Quy định ${parts.join(' ')} này`) === undefined),
  )
})

t.test('a hostile text is judged in no time', async (t) => {
  const texts = [
    '( '.repeat(200_000),
    'HỎA TỐC - '.repeat(50_000),
    ' '.repeat(500_000),
    '-'.repeat(500_000),
    '(hỏa tốc '.repeat(50_000),
    'TỐI-'.repeat(100_000),
    'ĐỘ '.repeat(100_000),
    'MẬT ONG '.repeat(50_000),
  ]
  const { cpu } = await workTime(async () => {
    for (const text of texts)
      for (const find of [secrecyInSubject, secrecyInNotation, secrecyInFileName, inTextLayer]) find(text)
  })
  t.ok(cpu < 10_000, `${Math.round(cpu)} ms`)
})

t.test('a text of many megabytes is read, whether it has lines or not', async (t) => {
  const text = 'Văn bản điện tử. '.repeat(600_000)
  const one = [`${text}Cập nhật.`]
  t.equal(secrecyInTextLayer(one), undefined, 'one line')
  t.equal(secrecyInTextLayer([...one, 'MẬT'])?.mark, 'MẬT', 'and what comes after it')
  t.equal(secrecyInTextLayer([`${text} | TỐI MẬT`])?.mark, 'TỐI MẬT', 'and a column of it')
})
